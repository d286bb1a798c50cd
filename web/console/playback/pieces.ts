// Pieces of the film of key frames, as the server makes them.
import { asProblem } from "../api/problem";
import type { Footage } from "./footage";

export interface Piece {
  codec: string;
  /** Wall time of its first frame. */
  start: number;
  bytes: Uint8Array;
}

/** A piece of film between two moments; undefined: nothing was recorded there. */
export type Fetch = (from: number, to: number, signal: AbortSignal) => Promise<Piece | undefined>;

/** Pieces under the leases of a camera's footage. */
export function piecesOf(footage: Footage, speed: number): Fetch {
  return async (from, to, signal) => {
    await footage.reach(from, to - from);
    // Without a key frame in it, too: the server begins with the one before, which is the picture until the next.
    if (!footage.list.some((f) => f.end > from && f.start < to)) return undefined;
    const lease = await footage.leaseFor(from, to);
    const query = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&speed=${speed}`;
    try {
      const reply = await footage.get(lease, `/media/${lease.id}/keys.mp4?${query}`, { signal });
      return {
        codec: /codecs="([^"]+)"/.exec(reply.headers.get("Content-Type") ?? "")?.[1] ?? "",
        start: Date.parse(reply.headers.get("Linli-Start") ?? "") || from,
        bytes: new Uint8Array(await reply.arrayBuffer()),
      };
    } catch (error) {
      if (!signal.aborted && asProblem(error).status === 404 && lease.ended === null) return undefined;
      throw error;
    }
  };
}
