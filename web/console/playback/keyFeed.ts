// Fast playback: key frames only, dated closer together by the server. One stream of bytes per jump; back-pressure on it
// is the flow control.
import { asProblem } from "../api/problem";
import { BoxStream } from "./boxStream";
import type { Footage } from "./footage";
import type { Standing } from "./plan";
import { mimeOf } from "./probe";
import { Source } from "./source";
import { dayOf, type Span } from "./timeline";

/** Seconds of the re-timed film to hold ready. */
const AHEAD = 6;
/** Footage is missing only when it is missing for longer than one frame of this film. */
const HOLE = 4000;

export class KeyFeed {
  private source: Source | undefined;
  private stop = new AbortController();
  private start = Number.NaN;
  private asked = Number.NaN;
  private state: "asking" | "flowing" | "over" | "nothing" = "asking";

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly footage: Footage,
    readonly speed: number,
    private readonly spans: () => readonly Span[],
    private readonly onBroken: (detail: string) => void,
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
    if (this.state === "nothing") return "gap";
    if (Number.isNaN(this.start) || t < this.start - HOLE) return "loading";
    if (this.source && this.source.bufferedUntil(Math.max(0, this.media(t))) > this.media(t)) return "ready";
    return this.state === "over" ? "gap" : "loading";
  }

  readyUntil(t: number): number {
    if (!this.source || Number.isNaN(this.start)) return t;
    return this.start + this.source.bufferedUntil(Math.max(0, this.media(t))) * 1000 * this.speed;
  }

  seek(t: number): void {
    if (this.source && !Number.isNaN(this.start) && t >= this.start && this.standing(t) === "ready") {
      this.video.currentTime = this.media(t);
      return;
    }
    void this.run(t);
  }

  private async run(t: number): Promise<void> {
    this.stop.abort();
    const stop = new AbortController();
    this.stop = stop;
    this.source?.close();
    this.source = undefined;
    this.start = Number.NaN;
    this.asked = t;
    this.state = "asking";
    try {
      const lease = await this.footage.leaseAt(t);
      const to = Math.min(dayOf(t).to, Date.now());
      const query = `from=${new Date(t).toISOString()}&to=${new Date(to).toISOString()}&speed=${this.speed}`;
      const reply = await this.footage.get(lease, `/media/${lease.id}/keys.mp4?${query}`, { signal: stop.signal });
      const codec = /codecs="([^"]+)"/.exec(reply.headers.get("Content-Type") ?? "")?.[1] ?? "";
      const source = new Source(this.video);
      this.source = source;
      await source.use(mimeOf(codec, false));
      this.start = Date.parse(reply.headers.get("Linli-Start") ?? "") || t;
      this.state = "flowing";
      await this.pour(reply.body!.getReader(), source, stop.signal);
      if (!stop.signal.aborted) this.state = "over";
    } catch (error) {
      if (stop.signal.aborted || (error instanceof DOMException && error.name === "AbortError")) return;
      if (asProblem(error).status === 404) this.state = "nothing";
      else this.onBroken(error instanceof Error ? error.message : String(error));
    }
  }

  private async pour(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    source: Source,
    signal: AbortSignal,
  ): Promise<void> {
    const cutter = new BoxStream();
    signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
    let placed = false;
    for (;;) {
      while (!signal.aborted && source.bufferedUntil(this.video.currentTime) - this.video.currentTime > AHEAD) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const got = await reader.read();
      if (got.done || signal.aborted) return;
      for (const piece of cutter.push(got.value)) await source.append(piece);
      if (!placed && source.bufferedUntil(0) > 0) {
        placed = true;
        this.video.currentTime = Math.max(0, this.media(this.asked));
      }
    }
  }

  close(): void {
    this.stop.abort();
    this.source?.close();
    this.source = undefined;
  }
}
