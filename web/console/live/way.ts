// WHEP first, HLS where it does not come through. What failed is remembered for a while, so that a wall of sixteen
// does not wait six seconds per tile each time.
export type Way = "whep" | "hls";

const REMEMBER = 5 * 60_000;
const failed = new Map<string, number>();

export function wayFor(camera: string, urls: Record<string, string>, now = Date.now()): Way | undefined {
  const hls = urls.hls ?? urls.live;
  if (!urls.whep) return hls ? "hls" : undefined;
  const until = failed.get(camera) ?? 0;
  return until > now && hls ? "hls" : "whep";
}

export function whepFailed(camera: string, now = Date.now()): void {
  failed.set(camera, now + REMEMBER);
}

export function hlsUrl(urls: Record<string, string>): string | undefined {
  return urls.hls ?? urls.live;
}
