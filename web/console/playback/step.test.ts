import { describe, expect, it } from "vitest";
import { stepFrom } from "./track";

describe("stepping by frame", () => {
  const times = Array.from({ length: 50 }, (_, i) => 1_000_000 + i * 40);

  it("walks every frame once, forth and back", () => {
    let here = times[0]! + 2;
    for (let i = 1; i < times.length; i++) {
      const next = stepFrom(times, here, 1)!;
      expect(next).toBe(times[i]);
      here = next + 2;
    }
    expect(stepFrom(times, here, 1)).toBeUndefined();
    for (let i = times.length - 2; i >= 0; i--) {
      const before = stepFrom(times, here, -1)!;
      expect(before).toBe(times[i]);
      here = before + 2;
    }
    expect(stepFrom(times, here, -1)).toBeUndefined();
  });

  it("knows uneven frames", () => {
    expect(stepFrom([0, 33, 80, 300], 82, 1)).toBe(300);
    expect(stepFrom([0, 33, 80, 300], 82, -1)).toBe(33);
    expect(stepFrom([], 5, 1)).toBeUndefined();
  });
});
