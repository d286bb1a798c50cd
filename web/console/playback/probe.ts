// Whether this browser decodes a codec. It may say yes and fail: H.265 is believed only after a real fragment was decoded.

import { Source } from "./source";

/** For how long a no is believed: one garbled fragment of one camera must not blind the page to all of that model. */
const NO_FOR = 5 * 60_000;

/** What real fragments have shown, and until when that is believed, by performance.now(). */
const verdicts = new Map<string, { decodes: boolean; until: number }>();
/** Under way: sixteen pictures that ask at once are one try. */
const trying = new Map<string, Promise<boolean>>();

export function mimeOf(codec: string, sound: boolean): string {
  const parts = codec.split(",").map((c) => c.trim());
  const video = parts.filter((c) => /^(avc|hvc|hev|av01|vp)/.test(c));
  const audio = sound ? parts.filter((c) => /^mp4a/.test(c)) : [];
  return `video/mp4; codecs="${[...video, ...audio].join(",")}"`;
}

function videoOf(codec: string): string {
  return codec.split(",")[0]!.trim();
}

export function isH265(codec: string): boolean {
  return /\b(hvc1|hev1)/.test(codec);
}

/** What a real fragment has shown; undefined: none was tried yet, or it is too long ago that one failed. */
export function verdictOn(codec: string): boolean | undefined {
  const known = verdicts.get(videoOf(codec));
  return known && performance.now() < known.until ? known.decodes : undefined;
}

function judge(codec: string, decodes: boolean): void {
  verdicts.set(videoOf(codec), { decodes, until: decodes ? Number.POSITIVE_INFINITY : performance.now() + NO_FOR });
}

/** The browser's word was believed, and then no picture came. What a fragment has shown stands against that: then it is the stream. */
export function refute(codec: string): void {
  if (verdictOn(codec) !== true) judge(codec, false);
}

/** Whether this browser can be given footage at all; without that no codec helps. */
export const canStream = () => typeof MediaSource !== "undefined";

/** Worth trying: the browser says so, and no real fragment has shown otherwise. */
export function canTry(codec: string): boolean {
  const known = verdictOn(codec);
  if (known !== undefined) return known;
  return canStream() && MediaSource.isTypeSupported(mimeOf(codec, false));
}

/** Decodes one real fragment in a hidden element. Remembered per codec string: that it does for the life of the page. */
export function probe(codec: string, init: Uint8Array, fragment: Uint8Array): Promise<boolean> {
  const key = videoOf(codec);
  const known = verdictOn(codec);
  if (known !== undefined) return Promise.resolve(known);
  let one = trying.get(key);
  if (!one) {
    one = (canTry(codec) ? decoded(codec, init, fragment) : Promise.resolve(false)).then((answer) => {
      judge(codec, answer);
      trying.delete(key);
      return answer;
    });
    trying.set(key, one);
  }
  return one;
}

async function decoded(codec: string, init: Uint8Array, fragment: Uint8Array): Promise<boolean> {
  const video = document.createElement("video");
  video.muted = true;
  const source = new Source(video);
  try {
    const shown = new Promise<boolean>((resolve) => {
      const late = setTimeout(() => resolve(false), 4000);
      const say = (answer: boolean) => {
        clearTimeout(late);
        resolve(answer);
      };
      video.addEventListener("loadeddata", () => say(video.videoWidth > 0), { once: true });
      video.addEventListener("error", () => say(false), { once: true });
    });
    await source.use(mimeOf(codec, false));
    await source.append(init);
    await source.append(fragment);
    const start = video.buffered.length > 0 ? video.buffered.start(0) : 0;
    video.currentTime = start + 0.001;
    return await shown;
  } catch {
    return false;
  } finally {
    source.close();
  }
}

/** For tests. */
export function forgetProbes(): void {
  verdicts.clear();
  trying.clear();
}
