// A lease is the door's permission to look at one camera for a while. Everything that shows a picture holds one,
// and goes dark the moment it ends, whoever ended it.
import { asProblem, type Problem } from "../api/problem";
import type { Purpose } from "../session/purpose";

export type LookKind = "live" | "playback" | "export" | "snapshot" | "rtsp";
export type Stream = "main" | "sub";

export interface LookRequest {
  camera: string;
  purpose: Purpose;
  kind: LookKind;
  stream: Stream;
  from?: string;
  to?: string;
  reason?: string;
  speed?: number;
}

export interface LeaseReply {
  lease: string;
  /** The look's name in the register and in the journal; it opens nothing. */
  look?: string;
  /** It lasts from the one to the other, by the server's clock. */
  begin: string;
  until: string;
  urls: Record<string, string>;
  policy?: string;
  sentence?: string;
}

/** Why a lease ended: the server's word, or one of ours ("left", "lost"). */
export type EndReason = string;

export interface Door {
  begin(request: LookRequest): Promise<LeaseReply>;
  beat(lease: string, speed?: number): Promise<void>;
  end(lease: string): void;
}

export const BEAT_EVERY = 5000;

export class Lease {
  readonly id: string;
  readonly look: string;
  readonly urls: Record<string, string>;
  readonly policy: string;
  readonly sentence: string;
  ended: EndReason | null = null;
  private readonly tells = new Set<(why: EndReason) => void>();
  private expiry: ReturnType<typeof setTimeout> | undefined;
  /** When it is over, by performance.now(): the PC's clock may be minutes off, or be set. */
  private readonly over: number;
  private speed: number | undefined;
  private beats: ReturnType<typeof setInterval> | undefined;
  /** A download of the browser's own uses it: it must neither end with the page nor be kept by it. */
  handedOver = false;

  constructor(
    readonly request: LookRequest,
    reply: LeaseReply,
    private readonly door: Door,
    /** When it was asked for, by performance.now(): it is never shown for longer than the server meant. */
    asked = performance.now(),
  ) {
    this.id = reply.lease;
    this.look = reply.look ?? reply.lease;
    this.urls = reply.urls;
    this.policy = reply.policy ?? "";
    this.sentence = reply.sentence ?? "";
    this.speed = request.speed;
    this.over = asked + Date.parse(reply.until) - Date.parse(reply.begin);
    const { left } = this;
    // setTimeout counts in 32 bits: a lease of weeks would end at once.
    if (Number.isFinite(left)) this.expiry = setTimeout(() => this.finish("expired"), Math.min(left, 2 ** 31 - 1));
  }

  /** Milliseconds until it is over at the latest. */
  get left(): number {
    return Math.max(0, this.over - performance.now());
  }

  /** Tells once when the lease ends; at once when it has ended already. */
  onEnd(tell: (why: EndReason) => void): () => void {
    if (this.ended !== null) tell(this.ended);
    else this.tells.add(tell);
    return () => this.tells.delete(tell);
  }

  /** Media requests are heartbeats; where media does not pass as requests (WHEP) we beat by hand. */
  keepAlive(every = BEAT_EVERY): void {
    if (this.beats !== undefined || this.ended !== null) return;
    this.beats = setInterval(() => void this.beat(), every);
  }

  /**
   * The browser's own download goes on with it. That is its heartbeat, so it ends by itself soon after the last byte; we
   * beat a while longer, as the browser may first ask the person whether and where to save.
   */
  handOver(grace = 120_000): void {
    if (this.ended !== null || this.handedOver) return;
    this.handedOver = true;
    this.keepAlive();
    const later = setTimeout(() => clearInterval(this.beats), grace);
    this.onEnd(() => clearTimeout(later));
  }

  /** The server's allowance grows with the speed, so it is told at once. */
  setSpeed(speed: number): void {
    if (this.speed === speed) return;
    this.speed = speed;
    void this.beat();
  }

  async beat(): Promise<void> {
    if (this.ended !== null) return;
    try {
      await this.door.beat(this.id, this.speed);
    } catch (error) {
      this.refusedBy(asProblem(error));
    }
  }

  /** A refusal of any request under this lease; true when it means that the lease is over. */
  refusedBy(problem: Problem): boolean {
    // 404 is about one thing under it: a piece of footage that was deleted while somebody looked on.
    const over = problem.status === 410 || problem.code.includes("lease");
    if (!over) return false;
    this.finish(reasonOf(problem));
    return true;
  }

  /** The server has ended it, or time has. */
  finish(why: EndReason): void {
    if (this.ended !== null) return;
    this.ended = why;
    clearTimeout(this.expiry);
    clearInterval(this.beats);
    for (const tell of this.tells) tell(why);
    this.tells.clear();
  }

  /** We stop looking and say so. */
  leave(): void {
    if (this.ended !== null) return;
    this.finish("left");
    this.door.end(this.id);
  }
}

function reasonOf(problem: Problem): EndReason {
  const why = problem.fields.find((f) => f.path === "why")?.code;
  return why ?? (problem.status === 410 ? "ended" : "refused");
}

/** The leases of this page. Events of the journal and the page's end reach each of them through here. */
export class Leases {
  private readonly held = new Map<string, Lease>();

  constructor(private readonly door: Door) {}

  async begin(request: LookRequest): Promise<Lease> {
    const asked = performance.now();
    const reply = await this.door.begin(request);
    const lease = new Lease(request, reply, this.door, asked);
    this.held.set(lease.id, lease);
    lease.onEnd(() => this.held.delete(lease.id));
    return lease;
  }

  /** A look.ended event of the journal. */
  ended(look: string, why: EndReason): void {
    for (const lease of [...this.held.values()]) if (lease.look === look) lease.finish(why);
  }

  /** Signed out, or the session is over. */
  finishAll(why: EndReason): void {
    for (const lease of [...this.held.values()]) lease.finish(why);
  }

  /** The page goes away: say so for each, so that no look stays open in the register. A download outlives the page. */
  leaveAll(): void {
    for (const lease of [...this.held.values()]) if (!lease.handedOver) lease.leave();
  }

  get size(): number {
    return this.held.size;
  }
}
