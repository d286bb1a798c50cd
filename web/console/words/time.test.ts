import { describe, expect, it, vi } from "vitest";
import { dateIn, range } from "./time";

vi.mock(".", () => ({ language: () => "zh" }));

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

describe("a span of time in words", () => {
  it("names the second day only where it is another one", () => {
    expect(range(at(23, 18, 4), at(23, 18, 10))).toBe("11-23 18:04:00 – 18:10:00");
    expect(range(at(23, 23), at(24, 1))).toBe("11-23 23:00:00 – 11-24 01:00:00");
  });

  it("ends a whole day at 24:00", () => {
    expect(range(at(23, 0), at(24, 0))).toBe("11-23 00:00:00 – 24:00:00");
  });
});

describe("the day of a moment", () => {
  it("is that of the named zone, wherever the browser stands", () => {
    expect(dateIn("2026-11-26T16:00:00Z", "Asia/Shanghai")).toBe("2026-11-27");
    expect(dateIn("2026-11-26T15:59:59Z", "Asia/Shanghai")).toBe("2026-11-26");
    expect(dateIn("2026-11-26T12:00:00Z", "Nowhere/Land")).toBe("2026-11-26");
  });
});
