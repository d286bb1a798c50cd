// How fast a picture really goes: measured by the clock of the media in the page, not by how long a test waited.
import type { Page } from "playwright-core";

export interface Pace {
  /** Wall time of the footage that went by, for each second of the viewer. */
  wall: number;
  /** The media's own time, for each second of the viewer: that of frames shown. */
  media: number;
  /** Between two frames shown one after the other, in milliseconds of footage: the median. */
  apart: number;
  frames: number;
}

/** Watches the first picture for a while; the player must be playing. */
export async function pace(page: Page, speed: number, forMs: number): Promise<Pace> {
  return page.evaluate(
    async ([speed, forMs]) => {
      const video = document.querySelector<HTMLVideoElement>("[data-testid=track] video")!;
      const wall = () => Number(document.querySelector<HTMLElement>("[data-testid=play-time]")!.dataset.wall);
      const shown: { at: number; media: number }[] = [];
      let going = true;
      const next = (now: number, frame: { mediaTime: number }) => {
        shown.push({ at: now, media: frame.mediaTime * 1000 });
        if (going) video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
      const [from, at] = [wall(), performance.now()];
      await new Promise((done) => setTimeout(done, forMs));
      const [to, end] = [wall(), performance.now()];
      going = false;
      const first = shown[0];
      const last = shown.at(-1);
      // Above double speed frames are dated closer together: the film itself goes at its own pace.
      const stretch = speed! > 2 ? speed! : 1;
      const steps = shown.slice(1).map((f, i) => (f.media - shown[i]!.media) * stretch);
      steps.sort((a, b) => a - b);
      return {
        wall: (to - from) / (end - at),
        media: first && last && last.at > first.at ? (last.media - first.media) / (last.at - first.at) : 0,
        apart: steps[Math.floor(steps.length / 2)] ?? 0,
        frames: shown.length,
      };
    },
    [speed, forMs],
  );
}
