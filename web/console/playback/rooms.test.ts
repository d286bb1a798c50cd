import { describe, expect, it } from "vitest";
import { newRoom, roomAt, tooFar } from "./rooms";
import { BLOCK, DAY, dayOf, HOUR, MINUTE } from "./timeline";

const noon = Date.parse("2026-11-23T12:00:00+08:00");
const later = noon + 30 * DAY;

describe("how much is asked for at once", () => {
  it("a day for who may, not much beyond now", () => {
    expect(newRoom(noon, later, 7 * DAY)).toEqual(dayOf(noon));
    expect(newRoom(noon, noon + MINUTE, 7 * DAY).to).toBe(noon + 70 * MINUTE);
  });

  it("never more than is permitted, wherever one goes", () => {
    for (const most of [HOUR, 90 * MINUTE, 4 * HOUR, 25 * MINUTE, BLOCK])
      for (const t of [noon, noon + 9 * MINUTE + 59_999, noon - 3 * HOUR]) {
        for (const last of [undefined, { from: noon - DAY, to: noon }, { from: noon + DAY, to: noon + 2 * DAY }]) {
          const room = newRoom(t, later, most, last);
          expect(room.to - room.from).toBeLessThanOrEqual(most);
          expect(room.from % BLOCK).toBe(0);
          expect(t >= room.from && t < room.to).toBe(true);
        }
      }
  });

  it("goes on where the last one ends, and overlaps with it", () => {
    const first = newRoom(noon, later, HOUR);
    expect(first).toEqual({ from: noon - BLOCK, to: noon + 50 * MINUTE });
    const next = newRoom(first.to, later, HOUR, first);
    expect(next).toEqual({ from: first.to - BLOCK, to: first.to + 50 * MINUTE });
    const back = newRoom(first.from - 1, later, HOUR, first);
    expect(back).toEqual({ from: first.from - 50 * MINUTE, to: first.from + BLOCK });
    // A film over the border lies in one of them as a whole.
    const over: [number, number] = [first.to - 5000, first.to + 5000];
    expect(roomAt([first], ...over)).toBeUndefined();
    expect(roomAt([first, newRoom(over[0], later, HOUR, first)], ...over)?.from).toBeGreaterThan(first.from);
  });

  it("keeps its neighbours and gives back what is far", () => {
    const [hour, next, far] = [0, 50 * MINUTE, 3 * HOUR].map((d) => newRoom(noon + d, later, HOUR)) as [
      never,
      never,
      never,
    ];
    expect(tooFar(hour, next)).toBe(false);
    expect(tooFar(hour, far)).toBe(true);
    expect(tooFar(dayOf(noon), dayOf(noon + DAY))).toBe(false);
    expect(tooFar(dayOf(noon), dayOf(noon + 2 * DAY))).toBe(true);
  });
});
