import { afterEach, describe, expect, it, vi } from "vitest";
import { clock, date, moment, range } from "./time";
import { instant, keepZone, wall } from "./zone";

vi.mock(".", () => ({ language: () => "zh" }));

const at = (day: number, hour: number, minute = 0) => Date.UTC(2026, 10, day, hour - 8, minute);
afterEach(() => keepZone("Asia/Shanghai"));

describe("a span of time in words", () => {
  it("names the second day only where it is another one", () => {
    expect(range(at(23, 18, 4), at(23, 18, 10))).toBe("11-23 18:04:00 – 18:10:00");
    expect(range(at(23, 23), at(24, 1))).toBe("11-23 23:00:00 – 11-24 01:00:00");
  });

  it("ends a whole day at 24:00", () => {
    expect(range(at(23, 0), at(24, 0))).toBe("11-23 00:00:00 – 24:00:00");
  });
});

describe("a moment", () => {
  it("is written in the product's zone, wherever the browser stands", () => {
    // A grant at half past seven in the morning is one of that day, on a machine that keeps UTC, too.
    expect(moment("2026-11-27T23:30:00Z")).toBe("2026-11-28 07:30:00");
    expect(date("2026-11-26T15:59:59Z")).toBe("2026-11-26");
    expect(date("2026-11-26T16:00:00Z")).toBe("2026-11-27");
    expect(clock(at(23, 0))).toBe("00:00:00");
    expect(moment("")).toBe("–");
    expect(moment("0001-01-01T00:00:00Z")).toBe("–");
  });

  it("is written in the zone that the server says, with its summer time", () => {
    keepZone("Europe/Berlin");
    expect(moment("2026-07-01T22:30:00Z")).toBe("2026-07-02 00:30:00");
    expect(moment("2026-12-01T23:30:00Z")).toBe("2026-12-02 00:30:00");
    keepZone("Asia/Kathmandu");
    expect(clock("2026-12-01T00:00:00Z")).toBe("05:45:00");
  });

  it("is written as before where the browser does not know the zone", () => {
    keepZone("Nowhere/Land");
    expect(moment("2026-11-27T23:30:00Z")).toBe("2026-11-28 07:30:00");
  });

  it("goes from the clock on the wall and back", () => {
    for (const zone of ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns"]) {
      keepZone(zone);
      for (let t = Date.UTC(2026, 2, 1); t < Date.UTC(2026, 3, 15); t += 5_400_000 + 1234)
        expect(instant(wall(t)), `${zone} ${new Date(t).toISOString()}`).toBe(t);
    }
  });
});
