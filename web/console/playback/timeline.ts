// The mathematics of the time bar. Times are milliseconds since 1970, places are CSS pixels.
import { instant, wall } from "../words/zone";

export interface View {
  from: number;
  to: number;
}

export interface Span {
  from: number;
  to: number;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The index of footage is fetched in blocks of this length. */
export const BLOCK = 10 * MINUTE;

export const MIN_SPAN = 20 * SECOND;
export const MAX_SPAN = 31 * DAY;

export function xOf(view: View, width: number, t: number): number {
  return ((t - view.from) / (view.to - view.from)) * width;
}

/** Where something so wide begins that lies over x, and neither sticks out on the left nor, if there is room, on the right. */
export function within(x: number, own: number, width: number): number {
  return Math.max(0, Math.min(x - own / 2, width - own));
}

export function timeAt(view: View, width: number, x: number): number {
  return view.from + (x / Math.max(width, 1)) * (view.to - view.from);
}

/** Zooms so that the time under `x` stays under `x`. factor < 1 comes closer. */
export function zoom(view: View, width: number, x: number, factor: number): View {
  const span = view.to - view.from;
  const wanted = Math.min(Math.max(span * factor, MIN_SPAN), MAX_SPAN);
  const anchor = timeAt(view, width, x);
  const share = x / Math.max(width, 1);
  const from = anchor - share * wanted;
  return { from, to: from + wanted };
}

/** How much a turn of the wheel changes the span: a notch of a mouse by a quarter, a trackpad in fine steps, a pinch more. */
export function wheelFactor(event: { deltaY: number; deltaMode: number; ctrlKey: boolean }): number {
  const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1);
  const limited = Math.max(-150, Math.min(150, pixels));
  return Math.exp(limited * (event.ctrlKey ? 0.01 : 0.0022));
}

/** A bar does not run far into the future: a little room stays to the right of now. */
export function notBeyond(view: View, now: number): View {
  const span = view.to - view.from;
  const most = now + span * 0.06;
  return view.to > most ? { from: most - span, to: most } : view;
}

export function pan(view: View, width: number, dx: number): View {
  const dt = -(dx / Math.max(width, 1)) * (view.to - view.from);
  return { from: view.from + dt, to: view.to + dt };
}

/** Moves the view by the least that brings `t` into its middle part. */
export function follow(view: View, t: number, margin = 0.1): View {
  const span = view.to - view.from;
  const low = view.from + span * margin;
  const high = view.to - span * margin;
  if (t >= low && t <= high) return view;
  const from = t < low ? t - span * margin : t - span * (1 - margin);
  return { from, to: from + span };
}

/** The day of the product's zone that holds `t`. */
export function dayOf(t: number): View {
  const start = wall(t);
  start.setUTCHours(0, 0, 0, 0);
  return { from: instant(start), to: instant(start.getTime() + DAY) };
}

const STEPS = [
  SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY,
]; // biome-ignore format: a ladder

export interface Tick {
  at: number;
  /** A labelled tick; the others are short strokes between. */
  major: boolean;
}

/** Ticks at round times of the product's zone, labels at least `room` pixels apart. */
export function ticks(view: View, width: number, room = 84): Tick[] {
  const perPixel = (view.to - view.from) / Math.max(width, 1);
  const step = STEPS.find((s) => s / perPixel >= room) ?? STEPS[STEPS.length - 1]!;
  const i = STEPS.indexOf(step);
  const minor =
    STEPS.slice(0, i)
      .reverse()
      .find((s) => step % s === 0 && s / perPixel >= 10) ?? step;
  const out: Tick[] = [];
  // Counted from local midnight, so that "06:00" stands at six o'clock in every zone.
  let midnight = dayOf(view.from).from;
  const base = minor >= DAY ? midnight : 0;
  if (minor >= DAY) {
    for (let k = 0; base + k * minor <= view.to; k++) {
      const at = base + k * minor;
      if (at >= view.from) out.push({ at, major: k % Math.round(step / minor) === 0 });
    }
    return out;
  }
  while (midnight <= view.to) {
    const next = dayOf(midnight + DAY + HOUR).from;
    const first = Math.max(0, Math.ceil((view.from - midnight) / minor));
    for (let k = first; midnight + k * minor < next && midnight + k * minor <= view.to; k++) {
      const offset = k * minor;
      out.push({ at: midnight + offset, major: step >= DAY ? offset === 0 : offset % step === 0 });
    }
    midnight = next;
  }
  return out;
}

/** What is not covered by `spans` inside the view. Spans are sorted and may touch. */
export function gaps(spans: readonly Span[], view: View): Span[] {
  const out: Span[] = [];
  let at = view.from;
  for (const span of spans) {
    if (span.to <= view.from || span.from >= view.to) continue;
    if (span.from > at) out.push({ from: at, to: span.from });
    at = Math.max(at, span.to);
  }
  if (at < view.to) out.push({ from: at, to: view.to });
  return out;
}

/** The spans that touch the view; `spans` are sorted and do not overlap. */
export function visible<S extends Span>(spans: readonly S[], view: View): readonly S[] {
  const first = firstEndingAfter(spans, view.from);
  let last = first;
  while (last < spans.length && spans[last]!.from < view.to) last++;
  return first === 0 && last === spans.length ? spans : spans.slice(first, last);
}

function firstEndingAfter(spans: readonly Span[], t: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (spans[mid]!.to <= t) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Where two sorted lists of spans both are. */
export function both(a: readonly Span[], b: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const one of a) {
    for (let i = firstEndingAfter(b, one.from); i < b.length && b[i]!.from < one.to; i++) {
      out.push({ from: Math.max(one.from, b[i]!.from), to: Math.min(one.to, b[i]!.to) });
    }
  }
  return out;
}

/** Joins spans, sorted, that are closer than `slack`: at a day's zoom a second of gap is not a pixel. */
export function join(sorted: readonly Span[], slack: number): Span[] {
  const out: Span[] = [];
  for (const span of sorted) {
    const last = out[out.length - 1];
    if (last && span.from - last.to <= slack) last.to = Math.max(last.to, span.to);
    else out.push({ from: span.from, to: span.to });
  }
  return out;
}

/** The span at `t`, by halving. */
export function spanAt<S extends Span>(spans: readonly S[], t: number): S | undefined {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const span = spans[mid]!;
    if (t < span.from) high = mid - 1;
    else if (t >= span.to) low = mid + 1;
    else return span;
  }
  return undefined;
}

/** The next moment at or after `t` with footage in any of the lists; undefined: nothing more. */
export function nextFootage(lists: readonly (readonly Span[])[], t: number): number | undefined {
  let best: number | undefined;
  for (const spans of lists) {
    const span = spans[firstEndingAfter(spans, t)];
    if (!span) continue;
    const at = Math.max(span.from, t);
    if (best === undefined || at < best) best = at;
  }
  return best;
}
