// What to fetch next and what to forget. The server gives ten seconds of footage ahead and no more; a browser keeps only so much.
import { decodeFrom, type Fragment, idOf, lastAtOrBefore, SLACK } from "./fragment";

export interface Buffer {
  /** Ids of fragments in the decoder's buffer. */
  has: ReadonlySet<string>;
}

export interface Wanted {
  fetch?: Fragment;
  /** Nothing before this moment is needed any more. */
  forgetBefore: number;
}

/** Milliseconds of footage to hold ready at a speed: with the fragments at both ends below the server's ten seconds. */
export function aheadFor(speed: number): number {
  return 6000 * Math.max(1, speed);
}

const KEEP_BEHIND = 12_000;

/** The next fragment to fetch so that playing from `t` on does not stop. `list` is the known index, sorted. */
export function plan(list: readonly Fragment[], t: number, ahead: number, buffer: Buffer): Wanted {
  const forgetBefore = t - KEEP_BEHIND;
  const at = lastAtOrBefore(list, t);
  const covers = at >= 0 && list[at]!.end + SLACK > t;
  // Inside a gap the next footage is fetched only when it is near: one may jump elsewhere meanwhile.
  let i = covers ? decodeFrom(list, at) : at + 1;
  for (; i < list.length; i++) {
    const f = list[i]!;
    if (f.start > t + ahead) break;
    if (!buffer.has.has(idOf(f))) return { fetch: f, forgetBefore: Math.min(forgetBefore, f.start) };
  }
  return { forgetBefore };
}

export type Standing = "ready" | "loading" | "gap";

/** How a track stands at `t`: can it show a picture there, is it still coming, or was nothing recorded? */
export function standing(
  list: readonly Fragment[],
  known: { from: number; to: number } | undefined,
  t: number,
  buffer: Buffer,
): Standing {
  if (!known || t < known.from || t >= known.to) return "loading";
  const at = lastAtOrBefore(list, t);
  if (at < 0 || list[at]!.end + SLACK <= t) return "gap";
  for (let i = decodeFrom(list, at); i <= at; i++) if (!buffer.has.has(idOf(list[i]!))) return "loading";
  return "ready";
}

/** How long playing can go on from `t` with what is there. */
export function readyUntil(list: readonly Fragment[], t: number, buffer: Buffer): number {
  let until = t;
  for (let i = Math.max(0, lastAtOrBefore(list, t)); i < list.length; i++) {
    const f = list[i]!;
    if (f.end <= t) continue;
    if (f.start > until + SLACK || !buffer.has.has(idOf(f))) break;
    until = f.end;
  }
  return until;
}
