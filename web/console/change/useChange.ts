import { onUnmounted, ref, shallowRef } from "vue";
import { asProblem, type Problem } from "../api/problem";
import type { Stream } from "../look/lease";
import { Footage } from "../playback/footage";
import type { Fragment } from "../playback/fragment";
import { hole, keyBetween } from "../playback/fragment";
import { KeyPictures, Undecodable } from "../playback/keyPicture";
import { beginPlayback, longestPlayback } from "../playback/permission";
import { BLOCK, HOUR, MINUTE, SECOND } from "../playback/timeline";
import { bisect, type Found, type Step } from "./bisect";
import { type Area, alike, judge, type Pixels, type Print, print } from "./compare";

export interface Shot {
  at: number;
  url: string;
}

export type Outcome = "found" | "unseen" | "same" | "cancelled" | "undecodable";

const MOST_AWAY = 26 * HOUR;
/** More than this between two pieces of footage, and the change may have happened while nobody recorded. */
const HOLE = 1.5 * SECOND;

/** Searches one camera's footage for the moment at which a rectangle changed. Pictures are compared here, in the browser. */
export function useChange() {
  const running = ref(false);
  const steps = shallowRef<(Step & Shot)[]>([]);
  const ends = shallowRef<{ low?: Shot; high?: Shot }>({});
  const found = shallowRef<Found | null>(null);
  const outcome = ref<Outcome | "">("");
  const problem = ref<Problem | null>(null);
  const darkWhy = ref("");
  let stop = new AbortController();
  let footage: Footage | undefined;
  let pictures: KeyPictures | undefined;
  let opened = "";

  function open(camera: string, stream: Stream): KeyPictures {
    const key = `${camera}/${stream}`;
    if (pictures && opened === key) return pictures;
    close();
    opened = key;
    footage = new Footage({
      begin: (from, to) => beginPlayback(camera, stream, from, to),
      longest: longestPlayback,
      onEnd: (why) => {
        darkWhy.value = why;
        stop.abort();
        forget();
        close();
      },
    });
    pictures = new KeyPictures(footage);
    return pictures;
  }

  function forget(): void {
    steps.value = [];
    ends.value = {};
    found.value = null;
  }

  /** The picture at a moment, into a canvas of the page. */
  async function show(camera: string, stream: Stream, t: number, canvas: HTMLCanvasElement): Promise<Shot | undefined> {
    darkWhy.value = "";
    const source = open(camera, stream);
    const f = await nearest(t, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    if (!f) return undefined;
    await source.draw(f, canvas, 1280);
    return { at: f.start, url: "" };
  }

  /** The key frame nearest before `t`, else behind it, strictly between the two ends; looked for ever farther away. */
  async function nearest(t: number, low: number, high: number): Promise<Fragment | undefined> {
    for (let away = 0; ; away = Math.max(5 * MINUTE, away * 2)) {
      for (const at of away === 0 ? [t] : [t - away, t + away]) {
        if (at + BLOCK < low || at - BLOCK > high) continue;
        await footage!.reach(at, 0);
        const hit = keyBetween(footage!.list, t, low, high);
        if (hit) return hit;
      }
      if (away > MOST_AWAY || (t - away < low && t + away > high)) return undefined;
    }
  }

  async function search(camera: string, stream: Stream, area: Area, low: number, high: number): Promise<void> {
    forget();
    problem.value = null;
    outcome.value = "";
    darkWhy.value = "";
    running.value = true;
    stop = new AbortController();
    const signal = stop.signal;
    const canvas = document.createElement("canvas");
    try {
      const source = open(camera, stream);
      const take = async (
        t: number,
        from: number,
        to: number,
      ): Promise<{ at: number; look: Print; url: string } | undefined> => {
        const f = await nearest(t, from, to);
        if (!f) return undefined;
        await source.draw(f, canvas, 640);
        const ctx = canvas.getContext("2d", { willReadFrequently: true })!;
        const look = print(ctx.getImageData(0, 0, canvas.width, canvas.height) as Pixels, area);
        return { at: f.start, look, url: canvas.toDataURL("image/jpeg", 0.7) };
      };
      const first = await take(low, low - 10 * MINUTE, high);
      const last = await take(high, low, high + 1);
      if (!first || !last) {
        outcome.value = "unseen";
        return;
      }
      ends.value = { low: { at: first.at, url: first.url }, high: { at: last.at, url: last.url } };
      if (alike(first.look, last.look)) {
        outcome.value = "same";
        return;
      }
      let url = "";
      const result = await bisect({
        low: first.at,
        high: last.at,
        resolution: 1000,
        signal,
        look: async (t, from, to) => {
          const shot = await take(t, from, to);
          if (signal.aborted) throw new DOMException("cancelled", "AbortError");
          if (!shot) return undefined;
          url = shot.url;
          return { at: shot.at, ...judge(shot.look, first.look, last.look) };
        },
        onStep: (step) => {
          steps.value = [...steps.value, { ...step, url }];
        },
      });
      found.value = result;
      outcome.value = hole(footage!.list, result.low, result.high) > HOLE ? "unseen" : "found";
    } catch (error) {
      if (signal.aborted) outcome.value = darkWhy.value ? "" : "cancelled";
      else if (error instanceof Undecodable) outcome.value = "undecodable";
      else problem.value = asProblem(error);
    } finally {
      running.value = false;
    }
  }

  function close(): void {
    pictures?.close();
    footage?.close();
    pictures = undefined;
    footage = undefined;
    opened = "";
  }

  onUnmounted(() => {
    stop.abort();
    close();
  });

  return { running, steps, ends, found, outcome, problem, darkWhy, show, search, cancel: () => stop.abort() };
}
