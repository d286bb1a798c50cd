// Looks whether frames really arrive. A connection that stands while the picture does is the worst kind of "live".
const LOOK_EVERY = 1000;
export const STALLED_AFTER = 6000;

export function framesOf(video: HTMLVideoElement): number {
  return video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
}

/**
 * Calls `onStall` once when no new frame came for six seconds, and says whether there had ever been one; `onFrame` with
 * each look that saw some.
 */
export function watchFrames(
  video: HTMLVideoElement,
  onFrame: (count: number) => void,
  onStall: (ever: boolean) => void,
): () => void {
  let seen = framesOf(video);
  let at = performance.now();
  let stalled = false;
  let ever = false;
  const timer = setInterval(() => {
    const count = framesOf(video);
    const now = performance.now();
    if (count !== seen) {
      seen = count;
      at = now;
      stalled = false;
      ever = true;
      onFrame(count);
    } else if (document.visibilityState === "hidden") {
      // A hidden tab decodes nothing, and that says nothing about the camera.
      at = now;
    } else if (!stalled && now - at > STALLED_AFTER) {
      stalled = true;
      onStall(ever);
    }
  }, LOOK_EVERY);
  return () => clearInterval(timer);
}

/** Keeps the last picture: it stays, greyed, while the camera is away. False when there was none. */
export function keepFrame(video: HTMLVideoElement, canvas: HTMLCanvasElement | null | undefined): boolean {
  if (!canvas || video.readyState < 2 || video.videoWidth === 0) return false;
  const width = Math.min(video.videoWidth, 960);
  canvas.width = width;
  canvas.height = Math.round((width * video.videoHeight) / video.videoWidth);
  try {
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    return true;
  } catch {
    return false;
  }
}

export function wipe(canvas: HTMLCanvasElement | null | undefined): void {
  if (!canvas) return;
  canvas.width = 1;
  canvas.height = 1;
}
