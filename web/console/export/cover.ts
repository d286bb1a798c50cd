// How much of a span was recorded, so that nobody saves nothing and learns it afterwards.
import { both, join, type Span } from "../playback/timeline";

interface Recorded {
  from: string;
  to: string;
  stream: string;
  unconfirmed?: boolean;
}

/** Fragments of two streams do not end together: less than this is no gap. */
const SLACK = 3000;
/** After a gap one stream is back some seconds before the other: that is no file of its own. */
const WORTH = 10_000;
/** So many pieces at most are asked for one by one. */
const PIECES = 8;

export interface Cover {
  /** What an export takes: the main stream where it has anything, else the sub stream; null: there is nothing. */
  stream: "main" | "sub" | null;
  /** Milliseconds of the span that it has. */
  has: number;
  /** Where the main stream is gone, or never was, and the sub stream is there; only beside a main stream. */
  beside: Span[];
  /** Of some of what `stream` has nobody has confirmed the time. */
  unconfirmed: boolean;
  /** The same of what lies beside it. */
  unconfirmedBeside: boolean;
}

/** Sums up what a camera has of a span; sub spans are those where main has nothing. */
export function coverOf(spans: readonly Recorded[], span: Span): Cover {
  const of = (sub: boolean) =>
    both(
      join(
        spans
          .filter((s) => (s.stream === "sub") === sub)
          .map((s) => ({ from: Date.parse(s.from), to: Date.parse(s.to) }))
          .sort((a, b) => a.from - b.from),
        0,
      ),
      [span],
    );
  const doubted = (sub: boolean, within: readonly Span[]) =>
    spans.some(
      (s) =>
        s.unconfirmed === true &&
        (s.stream === "sub") === sub &&
        within.some((w) => Date.parse(s.from) < w.to && Date.parse(s.to) > w.from),
    );
  const main = of(false);
  const sub = of(true);
  if (main.length === 0) {
    const stream = sub.length > 0 ? "sub" : null;
    return { stream, has: sum(sub), beside: [], unconfirmed: doubted(true, [span]), unconfirmedBeside: false };
  }
  const pieces = join(sub, SLACK).filter((s) => s.to - s.from >= WORTH);
  // Very many: then some seconds are saved twice, and none is left out.
  const beside = pieces.length > PIECES ? [{ from: pieces[0]!.from, to: pieces[pieces.length - 1]!.to }] : pieces;
  const unconfirmed = doubted(false, [span]);
  return { stream: "main", has: sum(main), beside, unconfirmed, unconfirmedBeside: doubted(true, beside) };
}

export const sum = (spans: readonly Span[]): number => spans.reduce((all, s) => all + s.to - s.from, 0);

/** A few seconds less is where fragments begin and end, and no gap. */
export const whole = (cover: Cover, span: Span): boolean => span.to - span.from - cover.has - sum(cover.beside) < SLACK;
