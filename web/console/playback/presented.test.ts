import { expect, test } from "vitest";
import { presents } from "./presented";

/** A video whose frames are handed on by the test. */
class Video {
  waiting = new Map<number, VideoFrameRequestCallback>();
  private last = 0;
  requestVideoFrameCallback(look: VideoFrameRequestCallback): number {
    this.waiting.set(++this.last, look);
    return this.last;
  }
  cancelVideoFrameCallback(id: number): void {
    this.waiting.delete(id);
  }
  hands(mediaTime: number): void {
    const looks = [...this.waiting.values()];
    this.waiting.clear();
    for (const look of looks) look(0, { mediaTime } as VideoFrameCallbackMetadata);
  }
}

test("the picture before is not taken for the one that is waited for", async () => {
  const video = new Video();
  let there = false;
  const picture = presents(video, 60);
  void picture.there.then(() => (there = true));
  video.hands(30);
  await Promise.resolve();
  expect(there).toBe(false);
  video.hands(60.02);
  await picture.there;
  expect(video.waiting.size).toBe(0);
});

test("a picture that never comes leaves nobody waiting", () => {
  const video = new Video();
  const picture = presents(video, 60);
  video.hands(30);
  expect(video.waiting.size).toBe(1);
  picture.forget();
  expect(video.waiting.size).toBe(0);
});

test("a browser that does not say when is not waited for", () => {
  expect(() => presents({} as Video, 60).forget()).not.toThrow();
});
