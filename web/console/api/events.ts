// The journal as it happens. One connection per page, shared by every part that listens.
export interface JournalEvent {
  seq: number;
  at: string;
  room: string;
  kind: string;
  subject: string;
  data: unknown;
  /** Nobody knew the time when it was written. */
  unconfirmed?: boolean;
}

type Listener = (event: JournalEvent) => void;
const RECENT = 200;
/** Events were missed: whatever was made from them has to be read anew. */
export const RESET = "journal.reset";

export type Connection = "off" | "connecting" | "open" | "lost";

export class Journal {
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly watchers = new Set<(c: Connection) => void>();
  private lastSeq = 0;
  /** The latest events, oldest first. */
  readonly recent: JournalEvent[] = [];
  connection: Connection = "off";

  constructor(private readonly url = "/api/events") {}

  /** Listens to one kind ("look.ended"), a room ("camera.*") or everything ("*"). Returns how to stop. */
  on(kind: string, listener: Listener): () => void {
    const set = this.listeners.get(kind) ?? new Set();
    set.add(listener);
    this.listeners.set(kind, set);
    return () => set.delete(listener);
  }

  onConnection(tell: (c: Connection) => void): () => void {
    this.watchers.add(tell);
    tell(this.connection);
    return () => this.watchers.delete(tell);
  }

  open(): void {
    if (this.source) return;
    this.set(this.connection === "off" ? "connecting" : "lost");
    const url = this.lastSeq > 0 ? `${this.url}?after=${this.lastSeq}` : this.url;
    const source = new EventSource(url);
    this.source = source;
    source.onopen = () => this.set("open");
    source.onmessage = (message) => this.take(message.data, message.lastEventId);
    source.onerror = () => {
      this.set("lost");
      // The browser retries by itself unless the answer was an error page; then it gives up for good.
      if (source.readyState === EventSource.CLOSED) this.reopen();
    };
  }

  close(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
    this.lastSeq = 0;
    this.recent.length = 0;
    this.set("off");
  }

  private reopen(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), 5000);
  }

  private set(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    for (const tell of this.watchers) tell(connection);
  }

  /** Hands a message on; public so that tests and other sources can. */
  take(text: string, id = ""): void {
    const event = parseEvent(text, id);
    if (!event) return;
    // After a reset the numbers go on from there: lower ones, when an older copy of the data was put back.
    this.lastSeq = event.kind === RESET ? event.seq : Math.max(this.lastSeq, event.seq);
    this.recent.push(event);
    if (this.recent.length > RECENT) this.recent.shift();
    const room = event.kind.split(".")[0] ?? "";
    for (const key of [event.kind, `${room}.*`, "*"]) {
      for (const listener of this.listeners.get(key) ?? []) listener(event);
    }
  }
}

export function parseEvent(text: string, id = ""): JournalEvent | undefined {
  try {
    const wire = JSON.parse(text) as Partial<JournalEvent>;
    if (typeof wire.kind !== "string") return undefined;
    const kind = wire.kind.includes(".") || !wire.room ? wire.kind : `${wire.room}.${wire.kind}`;
    return {
      seq: Number(wire.seq ?? id) || 0,
      at: wire.at ?? "",
      room: wire.room ?? kind.split(".")[0] ?? "",
      kind,
      subject: wire.subject ?? "",
      data: wire.data ?? null,
      ...(wire.unconfirmed ? { unconfirmed: true } : {}),
    };
  } catch {
    return undefined;
  }
}

export const journal = new Journal();
