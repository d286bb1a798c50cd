import { api, ask } from "../api/client";
import type { Stream } from "../look/lease";

/** The first moment from `from` on of which the camera has footage; `from` itself when it has none or does not say. */
export async function firstFootage(camera: string, stream: Stream, from: number, to: number): Promise<number> {
  const query = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), stream };
  try {
    const got = await ask(api.GET("/api/cameras/{id}/recordings", { params: { path: { id: camera }, query } }));
    return notBefore(got.spans ?? [], from);
  } catch {
    return from;
  }
}

export function notBefore(spans: readonly { from: string }[], from: number): number {
  const first = Math.min(...spans.map((s) => Date.parse(s.from)));
  return Number.isFinite(first) ? Math.max(from, first) : from;
}
