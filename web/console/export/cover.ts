// How much of a span was recorded, so that nobody saves nothing and learns it afterwards.
import type { Span } from "../playback/timeline";

interface Recorded {
  from: string;
  to: string;
  stream: string;
}

export interface Cover {
  /** What an export takes: the main stream where it has anything, else the sub stream; null: there is nothing. */
  stream: "main" | "sub" | null;
  /** Milliseconds of the span that it has. */
  has: number;
}

/** Sums up what a camera has of a span; sub spans are those where main has nothing. */
export function coverOf(spans: readonly Recorded[], span: Span): Cover {
  const sum = { main: 0, sub: 0 };
  for (const s of spans) {
    const has = Math.min(Date.parse(s.to), span.to) - Math.max(Date.parse(s.from), span.from);
    if (has > 0) sum[s.stream === "sub" ? "sub" : "main"] += has;
  }
  if (sum.main > 0) return { stream: "main", has: sum.main };
  return sum.sub > 0 ? { stream: "sub", has: sum.sub } : { stream: null, has: 0 };
}

/** A few seconds less is where fragments begin and end, and no gap. */
export const whole = (cover: Cover, span: Span): boolean => span.to - span.from - cover.has < 3000;
