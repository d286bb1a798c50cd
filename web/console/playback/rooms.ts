// Rooms of time: how much footage is asked for under one lease. A day for who may have it, else as much as is permitted.
import type { Lease } from "../look/lease";
import { BLOCK, dayOf, HOUR, MINUTE, type Span } from "./timeline";

export interface Held extends Span {
  lease: Promise<Lease>;
  /** The lease's, once it is there. */
  id?: string;
}

/** The longest local day: the clocks may be put back in it. */
const LONGEST_DAY = 25 * HOUR;

/** The room that holds all of a short span; it begins and ends with blocks of the index, so that none lies in two leases. */
export function roomAt<R extends Span>(rooms: readonly R[], from: number, to = from): R | undefined {
  return rooms.find((r) => from >= r.from && from < r.to && to <= r.to);
}

/**
 * A new room around `t`. Short ones reach ahead, or back for who comes from later, and one block the other way: there
 * they overlap with the last, and nothing at their borders falls between two.
 */
export function newRoom(t: number, now: number, most: number, last?: Span): Span {
  const block = Math.floor(t / BLOCK) * BLOCK;
  if (most >= LONGEST_DAY) {
    const day = dayOf(t);
    // Not much beyond now, as the register shows what was asked for; a page that stays asks again.
    const soon = Math.ceil((now + 60 * MINUTE) / BLOCK) * BLOCK;
    return { from: day.from, to: Math.max(block + BLOCK, Math.min(day.to, soon)) };
  }
  const length = Math.max(BLOCK, Math.floor(most / BLOCK) * BLOCK);
  if (length === BLOCK) return { from: block, to: block + BLOCK };
  const back = last !== undefined && last.from > block;
  const from = back ? block + 2 * BLOCK - length : block - BLOCK;
  return { from, to: from + length };
}

/** Whether a room is so far from the new one that nobody will be back there soon. */
export function tooFar(room: Span, from: Span): boolean {
  return Math.abs(room.from - from.from) > ((from.to - from.from) * 13) / 12 && Math.abs(room.from - from.from) > HOUR;
}
