// WHEP first, HLS where it does not come through. What failed is remembered for a while, so that a wall of sixteen
// does not wait six seconds per tile each time.
export type Way = "whep" | "hls";

const REMEMBER = 5 * 60_000;
const failed = new Map<string, number>();

/** `names`: under each of which a failure may be remembered. */
export function wayFor(names: string[], urls: Record<string, string>, now = Date.now()): Way | undefined {
  const hls = urls.hls ?? urls.live;
  if (!urls.whep) return hls ? "hls" : undefined;
  return hls && names.some((name) => (failed.get(name) ?? 0) > now) ? "hls" : "whep";
}

export function whepFailed(name: string, now = Date.now()): void {
  failed.set(name, now + REMEMBER);
}

export function hlsUrl(urls: Record<string, string>): string | undefined {
  return urls.hls ?? urls.live;
}
