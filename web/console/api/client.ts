import createClient from "openapi-fetch";
import { serverClock } from "./now";
import { asProblem, Problem, problemFrom, problemOf } from "./problem";
import type { paths } from "./schema";

let language = "zh-CN";
let signedOut: () => void = () => {};
/** When a request went out, and its reply was there where we were not the first to see it; by performance.now(). */
const times = new WeakMap<Request, { asked: number; there?: number }>();

/** The language that problem replies and the server's sentences come in. */
export function speak(lang: string): void {
  language = lang;
}

/** Called when the server no longer knows the session. */
export function onSignedOut(tell: () => void): void {
  signedOut = tell;
}

/** A request's reply had been asked for before. */
export function askedEarlier(request: Request, asked: number, there: number): void {
  times.set(request, { asked, there });
}

export const api = createClient<paths>({ credentials: "same-origin" });

api.use({
  onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    times.set(request, { asked: performance.now() });
    return request;
  },
  onResponse({ request, response }) {
    const { asked, there = performance.now() } = times.get(request) ?? {};
    // What may come from the browser's store was dated when it was stored.
    const stored = /max-age=[1-9]/.test(response.headers.get("Cache-Control") ?? "");
    if (asked !== undefined && !stored) serverClock.heard(response.headers.get("Date"), asked, there);
    if (response.status === 401 && !request.url.endsWith("/api/session")) signedOut();
    return undefined;
  },
});

export interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for a reply of `api`; a refusal or a dead network becomes a thrown Problem. */
export async function ask<T>(reply: Promise<Reply<T>>): Promise<T> {
  let got: Reply<T>;
  try {
    got = await reply;
  } catch (error) {
    throw asProblem(error);
  }
  if (got.response.ok) return got.data as T;
  throw problemFrom(got.response.status, got.error, got.response.headers.get("Retry-After"));
}

/** A plain fetch of bytes or of JSON outside the typed client, with the same problems. */
export async function fetchOk(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      ...init,
      headers: { "Accept-Language": language, ...init.headers },
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export { Problem };
