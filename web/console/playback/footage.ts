// The footage of one camera and stream: its index, fetched as far as needed, and its bytes, under leases of a day each.
import { fetchOk } from "../api/client";
import { asProblem } from "../api/problem";
import type { Lease } from "../look/lease";
import { type Fragment, idOf, readIndex, type WireIndex } from "./fragment";
import { dayOf, MINUTE, SECOND } from "./timeline";

const BLOCK = 10 * MINUTE;
/** A key frame may lie this far before a block's first picture. */
const REACH = 30 * SECOND;
const FRESH = 4 * SECOND;

interface Block {
  list: Fragment[];
  at: number;
  /** The block reaches up to now: more is being recorded. */
  growing: boolean;
}

export interface FootageOptions {
  /** Asks the door for this span; a day at most. */
  begin(from: number, to: number, speed: number): Promise<Lease>;
  onEnd(why: string): void;
  now?: () => number;
}

export class Footage {
  list: Fragment[] = [];
  known: { from: number; to: number } | undefined;
  private readonly blocks = new Map<number, Block>();
  private readonly pending = new Map<number, Promise<void>>();
  private readonly days = new Map<number, Promise<Lease>>();
  private readonly inits = new Map<string, Promise<Uint8Array>>();
  private speed = 1;
  private closed = false;

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
    return this.options.now?.() ?? Date.now();
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
    const lease = await this.lease(block);
    // What has not been recorded yet cannot be asked for.
    const to = Math.min(block + BLOCK, now);
    const span = `from=${iso(block)}&to=${iso(to)}`;
    const wire = (await (await this.get(lease, `/media/${lease.id}/fragments.json?${span}`)).json()) as WireIndex;
    const list = readIndex(wire, (segment) => `/media/${lease.id}/segments/${segment}.mp4`);
    this.blocks.set(block, { list, at: now, growing: block + BLOCK > now - 20 * SECOND });
  }

  /** The lease for the local day of `t`; days far from the last one asked for are given back. */
  private lease(t: number): Promise<Lease> {
    const day = dayOf(t);
    let lease = this.days.get(day.from);
    if (!lease) {
      for (const [other, held] of this.days) {
        if (Math.abs(other - day.from) <= 26 * 60 * MINUTE) continue;
        this.days.delete(other);
        this.forgetDay(other);
        void held.then(
          (l) => l.leave(),
          () => {},
        );
      }
      lease = this.options.begin(day.from, Math.min(day.to, this.now() + 60 * MINUTE), this.speed).then((l) => {
        if (this.closed) {
          l.leave();
          throw new DOMException("left", "AbortError");
        }
        // Paused is looking too: the picture stands on the screen.
        l.keepAlive();
        l.onEnd((why) => {
          if (why !== "left" && !this.closed) this.options.onEnd(why);
        });
        return l;
      });
      this.days.set(day.from, lease);
      lease.catch(() => this.days.delete(day.from));
    }
    return lease;
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    for (const held of this.days.values())
      void held.then(
        (l) => l.setSpeed(speed),
        () => {},
      );
  }

  private forgetDay(from: number): void {
    const day = dayOf(from);
    for (const block of [...this.blocks.keys()]) if (block >= day.from && block < day.to) this.blocks.delete(block);
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
    return this.range(f.start, f.url, f.offset, f.size, signal);
  }

  init(f: Fragment): Promise<Uint8Array> {
    const key = `${f.init.url}@${f.init.offset}`;
    let got = this.inits.get(key);
    if (!got) {
      // Without a size the init is a resource of its own.
      got =
        f.init.size > 0 ? this.range(f.start, f.init.url, f.init.offset, f.init.size) : this.whole(f.start, f.init.url);
      this.inits.set(key, got);
      got.catch(() => this.inits.delete(key));
    }
    return got;
  }

  private async range(t: number, url: string, offset: number, size: number, signal?: AbortSignal): Promise<Uint8Array> {
    const lease = await this.lease(t);
    const reply = await this.get(lease, url, { headers: { Range: `bytes=${offset}-${offset + size - 1}` }, signal });
    return new Uint8Array(await reply.arrayBuffer());
  }

  private async whole(t: number, url: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.get(await this.lease(t), url)).arrayBuffer());
  }

  /** A fetch under a lease; a refusal that means its end ends it here too. */
  async get(lease: Lease, url: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetchOk(url, init);
    } catch (error) {
      if (!(error instanceof DOMException)) lease.refusedBy(asProblem(error));
      throw error;
    }
  }

  /** The lease under which `t` may be seen, for other ways than fragments. */
  leaseAt(t: number): Promise<Lease> {
    return this.lease(t);
  }

  close(): void {
    this.closed = true;
    for (const held of this.days.values())
      void held.then(
        (l) => l.leave(),
        () => {},
      );
    this.days.clear();
    this.blocks.clear();
  }
}

function iso(t: number): string {
  return encodeURIComponent(new Date(t).toISOString());
}
