// Problem is what the server answers when it says no (RFC 9457), already in the reader's language.
export interface BadField {
  path: string;
  code: string;
  detail: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: BadField[];
  /** Seconds until asking again makes sense; 0 when the server did not say. */
  readonly retryAfter: number;

  constructor(status: number, code: string, detail: string, fields: BadField[] = [], retryAfter = 0) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }

  /** The network did not bring an answer at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** Asked again as it was, it is refused again. What is over (410) is not: a new look may well be permitted. */
  get forGood(): boolean {
    return this.status === 403 || this.status === 404;
  }

  field(path: string): string | undefined {
    return this.fields.find((f) => f.path === path || f.path.endsWith(`.${path}`))?.detail;
  }
}

const PREFIX = "urn:linli:problem:";

interface WireProblem {
  type?: string;
  title?: string;
  detail?: string;
  code?: string;
  fields?: BadField[] | null;
  errors?: { message?: string; location?: string }[] | null;
}

/** Reads a problem reply whose body has been parsed already. */
export function problemFrom(status: number, body: unknown, retryAfter: string | null = null): Problem {
  const wire: WireProblem = typeof body === "object" && body !== null ? (body as WireProblem) : {};
  const type = wire.type ?? "";
  const code = wire.code ?? (type.startsWith(PREFIX) ? type.slice(PREFIX.length) : `http-${status}`);
  const fields = wire.fields ?? (wire.errors ?? []).map(asField);
  return new Problem(status, code, wire.detail ?? wire.title ?? "", fields, Number(retryAfter) || 0);
}

function asField(error: { message?: string; location?: string }): BadField {
  return { path: (error.location ?? "").replace(/^body\./, ""), code: "invalid", detail: error.message ?? "" };
}

export async function problemOf(response: Response): Promise<Problem> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    // A proxy's page or an empty body: the status has to do.
  }
  return problemFrom(response.status, body, response.headers.get("Retry-After"));
}

/** What the server says of an error, in the reader's language; "" where it is not the server's, and speaks to programmers. */
export function saidBy(error: unknown): string {
  return error instanceof Problem && !error.unreachable ? error.message : "";
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Problem(0, "unreachable", text);
}
