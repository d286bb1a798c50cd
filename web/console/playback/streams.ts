// A camera has two recordings, the main stream's and the sub stream's. They seldom begin and end together: key frames
// fall differently, and the main stream is deleted first.
import type { Stream } from "../look/lease";
import { both, gaps, SECOND, type Span, spanAt } from "./timeline";

/** The footage of each; sorted. */
export type Streams = Readonly<Record<Stream, readonly Span[]>>;

export const NO_STREAMS: Streams = { main: [], sub: [] };

/** A shorter piece is not worth changing the stream for: it would only blink. */
const WORTH = 5 * SECOND;

/** What only the other stream has, in pieces that are worth a change. */
function onlyOther(of: Streams, preferred: Stream): Span[] {
  const other = of[preferred === "main" ? "sub" : "main"];
  if (other.length === 0) return [];
  const whole = { from: other[0]!.from, to: other[other.length - 1]!.to };
  return both(gaps(of[preferred], whole), other).filter((s) => s.to - s.from >= WORTH);
}

/** Where playing has something to show: the preferred stream's footage, and the other's where only that is left. */
export function playable(of: Streams, preferred: Stream): readonly Span[] {
  const more = onlyOther(of, preferred);
  return more.length === 0 ? of[preferred] : [...of[preferred], ...more].sort((a, b) => a.from - b.from);
}

/** The stream that shows `t`. */
export function streamAt(of: Streams, preferred: Stream, t: number): Stream {
  if (spanAt(of[preferred], t) || !spanAt(onlyOther(of, preferred), t)) return preferred;
  return preferred === "main" ? "sub" : "main";
}
