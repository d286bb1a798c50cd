// One camera's footage in one video element, on the time of the wall clock.
import { saidBy } from "../api/problem";
import { Footage, type FootageOptions } from "./footage";
import { type Fragment, idOf, lastAtOrBefore } from "./fragment";
import { KeyFeed } from "./keyFeed";
import { readFragment, readInit } from "./mp4";
import { piecesOf } from "./pieces";
import { aheadFor, plan, readyUntil, type Standing, standing } from "./plan";
import { canTry, isH265, mimeOf, probe } from "./probe";
import { Source } from "./source";
import { stripFragment, stripInit } from "./strip";
import { DAY, SECOND, type Span } from "./timeline";

/** Wall times within a fragment may be this far off its neighbours' before the mapping is set anew. */
const OFF = 0.03;
/** Above this speed a person sees no more from all frames than from key frames. */
const KEYS_ABOVE = 2;

interface Prepared {
  init: Uint8Array;
  info: ReturnType<typeof readInit>;
  dropped: Set<number>;
}

export interface TrackOptions extends FootageOptions {
  sound: boolean;
  /** Spans with footage, as far as the page knows them. */
  spans(): readonly Span[];
  /** Of what is broken `detail` is what the server says of it, as far as it says anything. */
  onTrouble(kind: "undecodable" | "broken", detail: string): void;
}

export class Track {
  readonly footage: Footage;
  private source: Source | undefined;
  private base = 0;
  private readonly has = new Set<string>();
  private readonly frames = new Map<string, number[]>();
  private currentInit = "";
  private offset = Number.NaN;
  private stop = new AbortController();
  private pumping = false;
  private closed = false;
  private failures = 0;
  private keys: KeyFeed | undefined;

  constructor(
    readonly video: HTMLVideoElement,
    private readonly options: TrackOptions,
  ) {
    this.footage = new Footage(options);
  }

  /** The wall-clock time of the picture shown. */
  get position(): number {
    return this.keys ? this.keys.position : this.base + this.video.currentTime * 1000;
  }

  /** How fast the element itself has to run for a speed: the film of key frames is made for it already. */
  rate(speed: number): number {
    return this.keys ? 1 : speed;
  }

  /** The footage that the index knows of, around here. */
  get known(): readonly { from: number; to: number }[] {
    return this.footage.list.map((f) => ({ from: f.start, to: f.end }));
  }

  /** Above double speed key frames only. Answers whether the picture has to be sought anew. */
  setSpeed(speed: number): boolean {
    this.footage.setSpeed(speed);
    if ((this.keys?.speed ?? 0) === (speed > KEYS_ABOVE ? speed : 0)) return false;
    this.keys?.close();
    this.keys = undefined;
    this.reset();
    if (speed > KEYS_ABOVE) {
      const broken = (detail: string) => this.options.onTrouble("broken", detail);
      this.keys = new KeyFeed(this.video, piecesOf(this.footage, speed), speed, this.options.spans, broken);
    }
    return true;
  }

  private reset(): void {
    this.abandon();
    this.source?.close();
    this.source = undefined;
    this.has.clear();
    this.frames.clear();
    this.currentInit = "";
    this.offset = Number.NaN;
  }

  standing(t: number): Standing {
    if (this.keys) return this.keys.standing(t);
    return standing(this.footage.list, this.footage.known, t, { has: this.has });
  }

  readyUntil(t: number): number {
    if (this.keys) return this.keys.readyUntil(t);
    return readyUntil(this.footage.list, t, { has: this.has });
  }

  /** Shows the picture of `t`, fetching what is needed; cheap when it is there already. */
  async seek(t: number, speed: number): Promise<void> {
    if (this.keys) return this.keys.seek(t);
    if (this.source && this.standing(t) !== "ready") this.abandon();
    this.place(t);
    await this.pump(t, speed);
    this.place(t);
  }

  private place(t: number): void {
    if (!this.source || this.standing(t) !== "ready") return;
    // A little into the frame: the element's clock is rounded. Nearer than that to a frame it may still show the one before.
    const wanted = (t - this.base) / 1000 + 0.002;
    if (Math.abs(this.video.currentTime - wanted) > 0.001) this.video.currentTime = wanted;
  }

  /** Throws away what is on its way: it would only delay what is wanted now. */
  private abandon(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.pumping = false;
  }

  /** Keeps the buffer ahead of `t`. Called again and again while playing. */
  async pump(t: number, speed: number): Promise<void> {
    if (this.keys) return this.keys.pump(t);
    if (this.pumping || this.closed) return;
    this.pumping = true;
    const mine = this.stop;
    try {
      await this.footage.reach(t, Math.max(aheadFor(speed) * 2, 30 * SECOND));
      for (let i = 0; i < 16 && !mine.signal.aborted; i++) {
        const wanted = plan(this.footage.list, t, aheadFor(speed), { has: this.has });
        if (wanted.fetch) await this.take(wanted.fetch, mine.signal);
        if (this.source && i === 0) await this.forget(wanted.forgetBefore);
        if (!wanted.fetch || this.standing(t) === "ready") break;
      }
      this.failures = 0;
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError") && !this.closed && ++this.failures > 2) {
        this.options.onTrouble("broken", saidBy(error));
      }
    } finally {
      if (mine === this.stop) this.pumping = false;
    }
  }

  private async take(f: Fragment, signal: AbortSignal): Promise<void> {
    if (!canTry(f.codec)) {
      this.options.onTrouble("undecodable", f.codec);
      throw new DOMException("undecodable", "AbortError");
    }
    const [prepared, raw] = await Promise.all([this.prepare(f), this.footage.bytes(f, signal)]);
    if (signal.aborted) return;
    const bytes = stripFragment(raw, prepared.dropped);
    if (isH265(f.codec) && f.key && !(await probe(f.codec, prepared.init, bytes))) {
      this.options.onTrouble("undecodable", f.codec);
      throw new DOMException("undecodable", "AbortError");
    }
    if (!this.source) {
      this.source = new Source(this.video);
      this.base = f.start - DAY;
      // The wall-clock time of the element's zero: whoever compares what two elements show needs it.
      this.video.dataset.zero = String(this.base);
    }
    const source = this.source;
    const sound = this.keepsSound(f);
    await source.use(mimeOf(f.codec, sound));
    const info = readFragment(bytes, prepared.info);
    if (!info) {
      this.has.add(idOf(f));
      return;
    }
    const initKey = `${f.init.url}@${f.init.offset}`;
    if (this.currentInit !== initKey) {
      await source.append(prepared.init);
      this.currentInit = initKey;
      this.offset = Number.NaN;
    }
    // The file's own time runs evenly, the wall clock is slewed: they are tied together anew where they differ.
    const offset = (f.start - this.base) / 1000 - info.start;
    if (Number.isNaN(this.offset) || (f.key && Math.abs(offset - this.offset) > OFF)) this.offset = offset;
    await source.append(bytes, this.offset);
    this.has.add(idOf(f));
    this.frames.set(
      idOf(f),
      info.frames.map((x) => this.base + (x + this.offset) * 1000),
    );
  }

  private keepsSound(f: Fragment): boolean {
    return this.options.sound && /mp4a/.test(f.codec);
  }

  private async prepare(f: Fragment): Promise<Prepared> {
    const sound = this.keepsSound(f);
    const { init, dropped } = stripInit(
      await this.footage.init(f),
      (_id, kind) => kind === "vide" || (sound && kind === "soun"),
    );
    return { init, dropped, info: readInit(init) };
  }

  private async forget(before: number): Promise<void> {
    const old = this.footage.list.filter((f) => f.end < before && this.has.has(idOf(f)));
    if (old.length < 5) return;
    for (const f of old) {
      this.has.delete(idOf(f));
      this.frames.delete(idOf(f));
    }
    await this.source?.remove(0, (old[old.length - 1]!.end - this.base) / 1000 - 0.5);
  }

  /** The time of the frame after or before the one shown, fetched where it is not at hand; undefined: there is none. */
  async neighbourFrame(direction: 1 | -1): Promise<number | undefined> {
    const here = this.position;
    await this.footage.reach(here, 30 * SECOND);
    const { list } = this.footage;
    const at = lastAtOrBefore(list, here);
    const beside = [list[at], list[at + direction]].filter((f) => f !== undefined);
    const times = (await Promise.all(beside.map((f) => this.framesOf(f)))).flat();
    return stepFrom(
      times.sort((a, b) => a - b),
      here,
      direction,
    );
  }

  private async framesOf(f: Fragment): Promise<number[]> {
    const known = this.frames.get(idOf(f));
    if (known) return known;
    const [{ info }, bytes] = await Promise.all([this.prepare(f), this.footage.bytes(f, this.stop.signal)]);
    const found = readFragment(bytes, info);
    return (found?.frames ?? []).map((x) => f.start + (x - found!.start) * 1000);
  }

  close(): void {
    this.closed = true;
    this.stop.abort();
    this.keys?.close();
    this.source?.close();
    this.footage.close();
  }
}

/** The frame next to the one shown at `here`. Frame times are exact to a tick, the element's clock to a millisecond. */
export function stepFrom(times: readonly number[], here: number, direction: 1 | -1): number | undefined {
  let shown = -1;
  for (let i = 0; i < times.length && times[i]! <= here + 1.5; i++) shown = i;
  if (shown < 0) return direction > 0 ? times[0] : undefined;
  return times[shown + direction];
}
