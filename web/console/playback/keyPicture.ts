// Still pictures out of footage: fetches the key fragment at or before a moment, decodes it in a hidden video and draws
// it. Used while scrubbing and by the search for a change. No server work beyond the bytes.
import type { Footage } from "./footage";
import { decodeFrom, type Fragment, lastAtOrBefore } from "./fragment";
import { readFragment, readInit } from "./mp4";
import { PRESENTED, presents } from "./presented";
import { canTry, isH265, mimeOf, probe } from "./probe";
import { Source } from "./source";
import { stripFragment, stripInit } from "./strip";

/** Each still is decoded in a place of its own on the media time line, so that nothing overlaps. */
const ROOM = 30;
const KEEP = 8;

export class Undecodable extends Error {}

export interface Still {
  at: number;
  width: number;
  height: number;
}

export class KeyPictures {
  private readonly video = document.createElement("video");
  private source: Source | undefined;
  private currentInit = "";
  private slot = 0;
  private readonly slots: number[] = [];
  private line: Promise<unknown> = Promise.resolve();
  private turn = 0;

  constructor(private readonly footage: Footage) {
    this.video.muted = true;
    this.video.preload = "auto";
  }

  /** The key fragment that shows `t`: the last one at or before it without a gap between. */
  async fragmentAt(t: number): Promise<Fragment | undefined> {
    await this.footage.reach(t, 0);
    const list = this.footage.list;
    const at = lastAtOrBefore(list, t);
    if (at < 0) return undefined;
    const key = list[decodeFrom(list, at)]!;
    return key.key ? key : undefined;
  }

  /** Draws the picture; only the latest request is worth answering when `latest` is set. */
  async draw(f: Fragment, canvas: HTMLCanvasElement, most = 640, latest = false): Promise<Still | undefined> {
    const mine = ++this.turn;
    const run = this.line.then(async () => {
      if (latest && mine !== this.turn) return undefined;
      return this.decode(f, canvas, most);
    });
    this.line = run.catch(() => {});
    return run;
  }

  private async decode(f: Fragment, canvas: HTMLCanvasElement, most: number): Promise<Still> {
    if (!canTry(f.codec)) throw new Undecodable(f.codec);
    const [rawInit, raw] = await Promise.all([this.footage.init(f), this.footage.bytes(f)]);
    const { init, dropped } = stripInit(rawInit, (_id, kind) => kind === "vide");
    const bytes = stripFragment(raw, dropped);
    const info = readFragment(bytes, readInit(init));
    if (!info) throw new Error("no frames");
    if (isH265(f.codec) && !(await probe(f.codec, init, bytes))) throw new Undecodable(f.codec);
    this.source ??= new Source(this.video);
    await this.source.use(mimeOf(f.codec, false));
    const initKey = `${f.init.url}@${f.init.offset}`;
    if (this.currentInit !== initKey) {
      await this.source.append(init);
      this.currentInit = initKey;
    }
    const place = ROOM * ++this.slot;
    await this.source.append(bytes, place - info.start);
    await this.showAt(place + 0.002);
    const scale = Math.min(1, most / Math.max(this.video.videoWidth, 1));
    canvas.width = Math.max(1, Math.round(this.video.videoWidth * scale));
    canvas.height = Math.max(1, Math.round(this.video.videoHeight * scale));
    canvas.getContext("2d", { willReadFrequently: true })?.drawImage(this.video, 0, 0, canvas.width, canvas.height);
    this.slots.push(place);
    if (this.slots.length > KEEP) {
      const old = this.slots.shift()!;
      await this.source.remove(old - 1, old + ROOM - 1);
    }
    return { at: f.start, width: canvas.width, height: canvas.height };
  }

  private async showAt(time: number): Promise<void> {
    const picture = presents(this.video, time);
    try {
      await this.seek(time);
      // The seek is over before its picture has been put where it is drawn from: until then that is the one before.
      await Promise.race([picture.there, new Promise<void>((resolve) => setTimeout(resolve, PRESENTED))]);
    } finally {
      picture.forget();
    }
  }

  private seek(time: number): Promise<void> {
    const video = this.video;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => done(new Error("the picture was not decoded in time")), 5000);
      const look = () => {
        if (video.readyState >= 2 && !video.seeking) done();
      };
      const failed = () => done(new Undecodable(video.error?.message ?? ""));
      const done = (error?: Error) => {
        clearTimeout(late);
        for (const name of ["seeked", "canplay", "loadeddata"]) video.removeEventListener(name, look);
        video.removeEventListener("error", failed);
        if (error) reject(error);
        else resolve();
      };
      for (const name of ["seeked", "canplay", "loadeddata"]) video.addEventListener(name, look);
      video.addEventListener("error", failed);
      video.currentTime = time;
    });
  }

  close(): void {
    this.turn++;
    this.source?.close();
  }
}
