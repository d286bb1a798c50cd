/** How long the picture of a seek is waited for where the browser does not say that it is there, in milliseconds. */
export const PRESENTED = 250;

type Frames = Pick<HTMLVideoElement, "requestVideoFrameCallback" | "cancelVideoFrameCallback">;

/** Waits until the picture of this media time has been handed on to be drawn, or is not waited for any longer. */
export function presents(video: Frames, time: number): { there: Promise<void>; forget: () => void } {
  let next = 0;
  const there = new Promise<void>((resolve) => {
    if (!("requestVideoFrameCallback" in video)) return; // Chromium has it since 83
    const look = (_now: number, frame: VideoFrameCallbackMetadata) => {
      if (Math.abs(frame.mediaTime - time) < 0.5) resolve();
      else next = video.requestVideoFrameCallback(look);
    };
    next = video.requestVideoFrameCallback(look);
  });
  return { there, forget: () => next && video.cancelVideoFrameCallback(next) };
}
