import { describe, expect, it } from "vitest";
import {
  DAY,
  dayOf,
  follow,
  gaps,
  HOUR,
  join,
  MAX_SPAN,
  MIN_SPAN,
  MINUTE,
  nextFootage,
  pan,
  SECOND,
  spanAt,
  ticks,
  timeAt,
  within,
  xOf,
  zoom,
} from "./timeline";

const noon = Date.parse("2026-11-23T12:00:00+08:00");
const view = { from: noon - 6 * HOUR, to: noon + 6 * HOUR };

describe("places and times", () => {
  it("go there and back", () => {
    for (const x of [0, 1, 333.3, 1200]) expect(xOf(view, 1200, timeAt(view, 1200, x))).toBeCloseTo(x, 6);
  });

  it("what is told of a place is told within the bar, however long it is", () => {
    // A long reason: as wide as it may be, just right of where a short one would hang to the middle.
    for (const x of [0, 200, 240, 280]) expect(within(x, 560, 1400)).toBe(0);
    expect(within(700, 560, 1400)).toBe(420);
    for (const x of [1120, 1200, 1400]) expect(within(x, 560, 1400)).toBe(840);
    expect(within(390, 390, 390), "a phone").toBe(0);
    expect(within(100, 80, 1400), "a short one stays over the pointer").toBe(60);
  });

  it("zooming keeps what is under the pointer", () => {
    const before = timeAt(view, 1200, 300);
    const closer = zoom(view, 1200, 300, 0.5);
    expect(timeAt(closer, 1200, 300)).toBeCloseTo(before, 3);
    expect(closer.to - closer.from).toBe(6 * HOUR);
  });

  it("never comes closer than seconds nor goes farther than a month", () => {
    const near = zoom(view, 1200, 600, 1e-9);
    expect(near.to - near.from).toBe(MIN_SPAN);
    const far = zoom(view, 1200, 600, 1e9);
    expect(far.to - far.from).toBe(MAX_SPAN);
  });

  it("dragging to the right shows the past", () => {
    const past = pan(view, 1200, 100);
    expect(past.from).toBe(view.from - HOUR);
  });

  it("follows the playing moment only when it leaves the middle", () => {
    expect(follow(view, noon)).toBe(view);
    const moved = follow(view, view.to + MINUTE);
    expect(moved.to).toBeGreaterThan(view.to + MINUTE);
    expect(moved.to - moved.from).toBe(view.to - view.from);
  });
});

describe("a day", () => {
  it("is one of the product's zone", () => {
    expect(dayOf(Date.parse("2026-11-23T23:30:00Z"))).toEqual({
      from: Date.parse("2026-11-23T16:00:00Z"),
      to: Date.parse("2026-11-24T16:00:00Z"),
    });
  });
});

describe("ticks", () => {
  it("stand at round local hours over a day", () => {
    const major = ticks(dayOf(noon), 1200).filter((t) => t.major);
    expect(major.length).toBeGreaterThanOrEqual(8);
    for (const tick of major) expect(new Date(tick.at).getMinutes()).toBe(0);
  });

  it("are never closer than a label needs", () => {
    for (const span of [30 * SECOND, MINUTE, 10 * MINUTE, HOUR, 5 * HOUR, DAY, 7 * DAY, 31 * DAY]) {
      const v = { from: noon, to: noon + span };
      const major = ticks(v, 900).filter((t) => t.major);
      for (let i = 1; i < major.length; i++) {
        expect(xOf(v, 900, major[i]!.at) - xOf(v, 900, major[i - 1]!.at)).toBeGreaterThanOrEqual(60);
      }
      expect(ticks(v, 900).length).toBeLessThan(200);
    }
  });

  it("do not drift over midnight", () => {
    const v = { from: dayOf(noon).to - 2 * HOUR, to: dayOf(noon).to + 2 * HOUR };
    expect(ticks(v, 800).some((t) => t.major && t.at === dayOf(noon).to)).toBe(true);
  });
});

describe("spans", () => {
  const spans = [
    { from: 10, to: 20 },
    { from: 20, to: 30 },
    { from: 50, to: 60 },
  ];

  it("leave gaps", () => {
    expect(gaps(spans, { from: 0, to: 70 })).toEqual([
      { from: 0, to: 10 },
      { from: 30, to: 50 },
      { from: 60, to: 70 },
    ]);
    expect(gaps([], { from: 0, to: 5 })).toEqual([{ from: 0, to: 5 }]);
  });

  it("join when nearly touching, without changing what was given", () => {
    expect(join(spans, 0)).toEqual([
      { from: 10, to: 30 },
      { from: 50, to: 60 },
    ]);
    expect(join(spans, 20)).toEqual([{ from: 10, to: 60 }]);
    expect(spans[0]).toEqual({ from: 10, to: 20 });
  });

  it("are found by time; the end belongs to the next", () => {
    expect(spanAt(spans, 20)?.to).toBe(30);
    expect(spanAt(spans, 30)).toBeUndefined();
    expect(spanAt(spans, 55)?.from).toBe(50);
  });

  it("lead over a gap to the next footage of any camera", () => {
    expect(nextFootage([spans, [{ from: 40, to: 45 }]], 35)).toBe(40);
    expect(nextFootage([spans], 15)).toBe(15);
    expect(nextFootage([spans], 60)).toBeUndefined();
  });
});
