import { describe, expect, it } from "vitest";
import { bisect, expectedSteps, type Sample } from "./bisect";

const HOUR = 3_600_000;

/** A camera with a key frame every `every` ms and footage only where `has` says. */
function camera(change: number, every: number, has: (t: number) => boolean = () => true) {
  return async (t: number, low: number, high: number): Promise<Sample | undefined> => {
    for (let at = Math.floor(t / every) * every; at > low; at -= every) if (has(at)) return judge(at);
    for (let at = Math.ceil(t / every) * every; at < high; at += every) if (has(at)) return judge(at);
    return undefined;
  };
  function judge(at: number): Sample {
    return { at, verdict: at < change ? "before" : "after", certainty: 1 };
  }
}

describe("find the change", () => {
  it("finds the e-bike's last two seconds in a night", async () => {
    const change = 7.4321 * HOUR;
    const found = await bisect({ low: 0, high: 12 * HOUR, resolution: 2000, look: camera(change, 2000) });
    expect(found.low).toBeLessThan(change);
    expect(found.high).toBeGreaterThanOrEqual(change);
    expect(found.high - found.low).toBeLessThanOrEqual(2000);
    expect(found.steps.length).toBeLessThanOrEqual(expectedSteps(12 * HOUR, 2000) + 2);
  });

  it("ends at the edges of a hole in the footage", async () => {
    const hole = (t: number) => t < 3 * HOUR || t > 4 * HOUR;
    const found = await bisect({ low: 0, high: 8 * HOUR, resolution: 2000, look: camera(3.5 * HOUR, 2000, hole) });
    expect(found.low).toBeGreaterThanOrEqual(3 * HOUR - 4000);
    expect(found.high).toBeLessThanOrEqual(4 * HOUR + 4000);
  });

  it("stops at the distance of key frames of a camera with a long one", async () => {
    const found = await bisect({ low: 0, high: HOUR, resolution: 1000, look: camera(0.6 * HOUR, 12_000) });
    expect(found.high - found.low).toBeLessThanOrEqual(12_000);
  });

  it("shows each step and can be cancelled", async () => {
    const stop = new AbortController();
    let seen = 0;
    const search = bisect({
      low: 0,
      high: HOUR,
      resolution: 1000,
      look: camera(0.5 * HOUR, 1000),
      signal: stop.signal,
      onStep: () => {
        if (++seen === 3) stop.abort();
      },
    });
    await expect(search).rejects.toThrow("cancelled");
    expect(seen).toBe(3);
  });
});
