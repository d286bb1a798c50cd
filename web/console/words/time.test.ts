import { describe, expect, it, vi } from "vitest";
import { range } from "./time";

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
