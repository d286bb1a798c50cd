// A MediaSource with one buffer, used one operation at a time.
export class Source {
  readonly media = new MediaSource();
  private readonly url = URL.createObjectURL(this.media);
  private buffer: SourceBuffer | undefined;
  private mime = "";
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly video: HTMLVideoElement) {
    video.src = this.url;
  }

  private opened(): Promise<void> {
    if (this.media.readyState === "open") return Promise.resolve();
    return new Promise((resolve) => this.media.addEventListener("sourceopen", () => resolve(), { once: true }));
  }

  /** Runs after everything that was asked for before. */
  private next<T>(act: (buffer: SourceBuffer) => Promise<T> | T): Promise<T> {
    const run = this.queue.then(() => {
      if (this.closed || !this.buffer) throw new DOMException("closed", "AbortError");
      return act(this.buffer);
    });
    this.queue = run.catch(() => {});
    return run;
  }

  async use(mime: string): Promise<void> {
    await this.opened();
    if (this.closed) throw new DOMException("closed", "AbortError");
    if (!this.buffer) {
      this.buffer = this.media.addSourceBuffer(mime);
      this.buffer.mode = "segments";
      // The bar knows the length; the element must not stop at the end of what it has.
      this.media.duration = Number.POSITIVE_INFINITY;
    } else if (mime !== this.mime) {
      await this.next((b) => b.changeType(mime));
    }
    this.mime = mime;
  }

  /** Appends an init or a fragment; `offset`, in seconds, is added to its times. */
  append(bytes: Uint8Array, offset?: number): Promise<void> {
    return this.next(async (b) => {
      if (offset !== undefined && Math.abs(b.timestampOffset - offset) > 1e-4) b.timestampOffset = offset;
      await settled(b, () => b.appendBuffer(bytes as Uint8Array<ArrayBuffer>));
    });
  }

  remove(from: number, to: number): Promise<void> {
    return this.next((b) => (to > from ? settled(b, () => b.remove(Math.max(0, from), to)) : undefined));
  }

  flush(): Promise<void> {
    return this.next(async (b) => {
      if (this.media.readyState === "open") b.abort();
      await settled(b, () => b.remove(0, Number.POSITIVE_INFINITY));
    });
  }

  /** How far it is buffered from `t` on, in seconds; `t` itself when nothing is there. */
  bufferedUntil(t: number): number {
    const ranges = this.buffer?.buffered;
    if (!ranges) return t;
    for (let i = 0; i < ranges.length; i++) if (ranges.start(i) <= t + 0.1 && ranges.end(i) > t) return ranges.end(i);
    return t;
  }

  close(): void {
    this.closed = true;
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.url);
  }
}

function settled(buffer: SourceBuffer, act: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      buffer.removeEventListener("updateend", done);
      buffer.removeEventListener("error", failed);
      resolve();
    };
    const failed = () => {
      buffer.removeEventListener("updateend", done);
      buffer.removeEventListener("error", failed);
      reject(new Error("the decoder refused the bytes"));
    };
    buffer.addEventListener("updateend", done);
    buffer.addEventListener("error", failed);
    try {
      act();
    } catch (error) {
      buffer.removeEventListener("updateend", done);
      buffer.removeEventListener("error", failed);
      reject(error);
    }
  });
}
