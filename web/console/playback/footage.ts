// The footage of one camera and stream: its index, fetched as far as needed, and its bytes, under leases of a day each,
// or of as much as the policies let this person ask for at once.
import { fetchOk } from "../api/client";
import { serverNow } from "../api/now";
import { asProblem } from "../api/problem";
import type { Lease } from "../look/lease";
import { type Fragment, idOf, readIndex, type WireIndex } from "./fragment";
import { type Held, newRoom, roomAt, tooFar } from "./rooms";
import { BLOCK, DAY, MINUTE, SECOND } from "./timeline";

/** A key frame may lie this far before a block's first picture. */
const REACH = 30 * SECOND;
const FRESH = 4 * SECOND;
/** How often what the server has no room for now is asked for again. */
const PATIENT = 6;

interface Block {
  list: Fragment[];
  at: number;
  held: Held;
  /** The block reaches up to now: more is being recorded. */
  growing: boolean;
}

export interface FootageOptions {
  /** Asks the door for this span; a day at most, and never more than `longest`. */
  begin(from: number, to: number, speed: number): Promise<Lease>;
  longest(): Promise<number>;
  onEnd(why: string): void;
  /** Why bytes are waited for, in the server's words; "" when they come again. */
  onBusy?(says: string): void;
  now?: () => number;
}

export class Footage {
  list: Fragment[] = [];
  known: { from: number; to: number } | undefined;
  private readonly blocks = new Map<number, Block>();
  private readonly pending = new Map<number, Promise<void>>();
  private held: Held[] = [];
  private longest: Promise<number> | undefined;
  private most = DAY;
  /** The room asked for last: its end is the end of the picture. */
  private here: Held | undefined;
  private readonly inits = new Map<string, Promise<Uint8Array>>();
  private speed = 1;
  private closed = false;
  /** So many fetches wait their turn. */
  private waiting = 0;

  constructor(private readonly options: FootageOptions) {}

  /** Makes the index known from a little before `t` to well behind it. */
  async reach(t: number, ahead = 2 * MINUTE): Promise<void> {
    const first = Math.floor((t - REACH) / BLOCK) * BLOCK;
    const wanted: number[] = [];
    for (let block = first; block <= t + ahead; block += BLOCK) wanted.push(block);
    await Promise.all(wanted.map((block) => this.load(block)));
    this.gather(t);
  }

  private now(): number {
    return this.options.now?.() ?? serverNow();
  }

  private load(block: number): Promise<void> {
    const have = this.blocks.get(block);
    const now = this.now();
    if (block > now || (have && (!have.growing || now - have.at < FRESH))) return Promise.resolve();
    let pending = this.pending.get(block);
    if (!pending) {
      pending = this.fetchBlock(block, now).finally(() => this.pending.delete(block));
      this.pending.set(block, pending);
    }
    return pending;
  }

  private async fetchBlock(block: number, now: number): Promise<void> {
    const held = await this.hold(block);
    const lease = await held.lease;
    // What has not been recorded yet cannot be asked for.
    const to = Math.min(block + BLOCK, now);
    const span = `from=${iso(block)}&to=${iso(to)}`;
    const wire = (await (await this.get(lease, `/media/${lease.id}/fragments.json?${span}`)).json()) as WireIndex;
    const list = readIndex(wire, (segment) => `/media/${lease.id}/segments/${segment}.mp4`);
    this.blocks.set(block, { list, at: now, held, growing: block + BLOCK > now - 20 * SECOND });
  }

  /** The room for `t`, with its lease; rooms far from it are given back. */
  private async hold(t: number, to = t): Promise<Held> {
    this.longest ??= this.options.longest().then((most) => {
      this.most = most;
      return most;
    });
    await this.longest.catch((error) => {
      this.longest = undefined;
      throw error;
    });
    if (this.closed) throw new DOMException("left", "AbortError");
    const known = roomAt(this.held, t, to);
    if (known) {
      this.here = known;
      return known;
    }
    const span = newRoom(t, this.now(), this.most, this.here);
    for (const other of this.held.filter((h) => tooFar(h, span))) this.giveBack(other);
    const held: Held = { ...span, lease: this.options.begin(span.from, span.to, this.speed) };
    this.held.push(held);
    this.here = held;
    void held.lease.then(
      (l) => this.took(held, l),
      () => this.drop(held),
    );
    return held;
  }

  private took(held: Held, l: Lease): void {
    if (this.closed || !this.held.includes(held)) return l.leave();
    held.id = l.id;
    // Paused is looking too: the picture stands on the screen.
    l.keepAlive();
    l.onEnd((why) => {
      if (why === "left" || this.closed) return;
      // One that ran out behind us is asked for anew when somebody goes back there.
      if (why === "expired" && held !== this.here) return this.drop(held);
      this.options.onEnd(why);
    });
  }

  private giveBack(held: Held): void {
    this.drop(held);
    void held.lease.then(
      (l) => l.leave(),
      () => {},
    );
  }

  private drop(held: Held): void {
    this.held = this.held.filter((h) => h !== held);
    for (const [block, b] of [...this.blocks]) if (b.held === held) this.blocks.delete(block);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    for (const held of this.held)
      void held.lease.then(
        (l) => l.setSpeed(speed),
        () => {},
      );
  }

  private gather(t: number): void {
    let from = Math.floor(t / BLOCK) * BLOCK;
    let to = from;
    while (this.blocks.has(from - BLOCK)) from -= BLOCK;
    while (this.blocks.has(to)) to += BLOCK;
    const seen = new Set<string>();
    const list: Fragment[] = [];
    for (let block = from; block < to; block += BLOCK) {
      for (const f of this.blocks.get(block)!.list) {
        const id = idOf(f);
        if (!seen.has(id)) {
          seen.add(id);
          list.push(f);
        }
      }
    }
    this.list = list.sort((a, b) => a.start - b.start);
    this.known = to > from ? { from, to } : undefined;
  }

  async bytes(f: Fragment, signal?: AbortSignal): Promise<Uint8Array> {
    return this.range(f.url, f.offset, f.size, signal);
  }

  init(f: Fragment): Promise<Uint8Array> {
    const key = `${f.init.url}@${f.init.offset}`;
    let got = this.inits.get(key);
    if (!got) {
      // Without a size the init is a resource of its own.
      got = f.init.size > 0 ? this.range(f.init.url, f.init.offset, f.init.size) : this.whole(f.init.url);
      this.inits.set(key, got);
      got.catch(() => this.inits.delete(key));
    }
    return got;
  }

  private async range(url: string, offset: number, size: number, signal?: AbortSignal): Promise<Uint8Array> {
    const lease = await this.leaseOf(url);
    const reply = await this.get(lease, url, { headers: { Range: `bytes=${offset}-${offset + size - 1}` }, signal });
    return new Uint8Array(await reply.arrayBuffer());
  }

  private async whole(url: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.get(await this.leaseOf(url), url)).arrayBuffer());
  }

  /** The lease that an address of the index carries. */
  private leaseOf(url: string): Promise<Lease> {
    const held = this.held.find((h) => h.id !== undefined && url.startsWith(`/media/${h.id}/`));
    if (!held) throw new DOMException("given back", "AbortError");
    return held.lease;
  }

  /**
   * A fetch under a lease; a refusal that means its end ends it here too. Where this account's other pages have taken all
   * that may be sent for now, it is asked for again when the server says so: the picture waits meanwhile.
   */
  async get(lease: Lease, url: string, init: RequestInit = {}): Promise<Response> {
    let waits = false;
    try {
      for (let tries = 1; ; tries++) {
        try {
          return await fetchOk(url, init);
        } catch (error) {
          if (error instanceof DOMException) throw error;
          const problem = asProblem(error);
          if (lease.refusedBy(problem) || problem.status !== 429 || tries > PATIENT) throw error;
          if (!waits) this.waiting++;
          waits = true;
          this.options.onBusy?.(problem.message);
          await untilThen(Math.max(1, problem.retryAfter) * SECOND, lease, init.signal ?? undefined);
        }
      }
    } finally {
      // Whether it came, or is wanted no more: nobody is told of a wait that nobody waits.
      if (waits && --this.waiting === 0) this.options.onBusy?.("");
    }
  }

  /** A lease under which all of a short span may be seen, for other ways than fragments. */
  async leaseFor(from: number, to: number): Promise<Lease> {
    return (await this.hold(from, to)).lease;
  }

  close(): void {
    this.closed = true;
    for (const held of [...this.held]) this.giveBack(held);
    this.blocks.clear();
  }
}

/** Resolves after so long, or when the lease is over; rejects when what it is for is no longer wanted. */
function untilThen(ms: number, lease: Lease, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      forget();
      signal?.removeEventListener("abort", left);
    };
    const done = () => {
      settle();
      resolve();
    };
    const left = () => {
      settle();
      reject(new DOMException("left", "AbortError"));
    };
    const timer = setTimeout(done, ms);
    const forget = lease.onEnd(() => queueMicrotask(done));
    signal?.addEventListener("abort", left);
  });
}

function iso(t: number): string {
  return encodeURIComponent(new Date(t).toISOString());
}
