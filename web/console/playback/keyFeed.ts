// Fast playback: key frames only, dated closer together by the server. The film comes in short pieces: a browser holds
// six connections to a server, and eight cameras that each kept one open would wait for one another for good.
import { serverNow } from "../api/now";
import { saidBy } from "../api/problem";
import { BoxStream } from "./boxStream";
import type { Fetch, Piece } from "./pieces";
import type { Standing } from "./plan";
import { mimeOf } from "./probe";
import { Source } from "./source";
import { SECOND, type Span } from "./timeline";

/** Seconds of film in a piece, and how much is left when the next is asked for: the server never has to make us wait. */
const PIECE = 2;
const LEFT = 2;
/** Footage is missing only when it is missing for longer than one frame of this film. */
const HOLE = 4000;
/** How far behind the picture film is kept, in its seconds. */
const BEHIND = 10;

export class KeyFeed {
  private source: Source | undefined;
  private stop = new AbortController();
  /** Wall time of the film's beginning, of the moment asked for, and up to where all is there or known to be missing. */
  private start = Number.NaN;
  private asked = Number.NaN;
  private until = Number.NaN;
  private codec = "";
  private busy = false;
  private failures = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly fetch: Fetch,
    readonly speed: number,
    private readonly spans: () => readonly Span[],
    private readonly onBroken: (why: string) => void,
    private readonly makeSource: (video: HTMLVideoElement) => Source = (v) => new Source(v),
  ) {}

  get position(): number {
    return Number.isNaN(this.start) ? this.asked : this.start + this.video.currentTime * 1000 * this.speed;
  }

  private media(t: number): number {
    return (t - this.start) / 1000 / this.speed;
  }

  standing(t: number): Standing {
    const spans = this.spans();
    if (spans.length > 0 && !spans.some((s) => t >= s.from - HOLE && t < s.to + HOLE)) return "gap";
    if (this.source && this.readyUntil(t) > t) return "ready";
    return t >= this.asked && t < this.until ? "gap" : "loading";
  }

  readyUntil(t: number): number {
    if (!this.source || Number.isNaN(this.start) || t < this.start - HOLE) return t;
    const media = this.media(t);
    const until = this.source.bufferedUntil(Math.max(0, media));
    return until > media ? this.start + until * 1000 * this.speed : t;
  }

  seek(t: number): void {
    if (this.standing(t) === "ready") {
      this.video.currentTime = Math.max(0, this.media(t));
      return;
    }
    this.stop.abort();
    this.stop = new AbortController();
    this.source?.close();
    this.source = undefined;
    this.start = Number.NaN;
    this.asked = t;
    this.until = t;
    this.busy = false;
    void this.pump(t);
  }

  /** Fetches the next piece when there is need of it. Called again and again while playing. */
  async pump(t: number): Promise<void> {
    if (this.busy || Number.isNaN(this.until) || this.until > t + LEFT * this.speed * SECOND) return;
    const end = Math.min(this.until + PIECE * this.speed * SECOND, serverNow());
    // At the edge of what is being recorded pieces are not cut to nothing.
    if (end - this.until < 3 * SECOND) return;
    this.busy = true;
    const { signal } = this.stop;
    try {
      const piece = await this.fetch(this.until, end, signal);
      if (piece && !signal.aborted) await this.take(piece, signal);
      if (signal.aborted) return;
      // A piece ends early where the parameters change: what follows comes with the next one.
      const reached = piece ? this.readyUntil(piece.start + 1) : end;
      this.until = reached > this.until ? Math.min(reached, end) : end;
      this.failures = 0;
    } catch (error) {
      if (signal.aborted || (error instanceof DOMException && error.name === "AbortError")) return;
      if (++this.failures > 2) this.onBroken(saidBy(error));
    } finally {
      if (signal === this.stop.signal) this.busy = false;
    }
  }

  private async take(piece: Piece, signal: AbortSignal): Promise<void> {
    const first = this.source === undefined;
    this.source ??= this.makeSource(this.video);
    const source = this.source;
    if (first || piece.codec !== this.codec) await source.use(mimeOf(piece.codec, false));
    this.codec = piece.codec;
    if (Number.isNaN(this.start)) this.start = Math.min(piece.start, this.asked);
    for (const box of new BoxStream().push(piece.bytes)) await source.append(box, this.media(piece.start));
    if (signal.aborted) return;
    if (first) this.video.currentTime = Math.max(0, this.media(this.asked)) + 0.002;
    else await source.remove(0, this.video.currentTime - BEHIND);
  }

  close(): void {
    this.stop.abort();
    this.source?.close();
    this.source = undefined;
  }
}
