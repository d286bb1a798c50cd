import { describe, expect, it } from "vitest";
import { decodeFrom, type Fragment, hole, idOf, keyBetween, lastAtOrBefore, readIndex } from "./fragment";
import { aheadFor, plan, readyUntil, standing } from "./plan";

function footage(from: number, count: number, run = "a", keyEvery = 1, each = 2000): Fragment[] {
  return Array.from({ length: count }, (_, i) => ({
    segment: run,
    url: `/${run}`,
    offset: i * 100,
    size: 100,
    start: from + i * each,
    end: from + (i + 1) * each,
    key: i % keyEvery === 0,
    init: { url: `/${run}`, offset: 0, size: 10 },
    codec: "avc1.64001f",
    run,
  }));
}

const has = (...fragments: Fragment[]) => ({ has: new Set(fragments.map(idOf)) });

describe("what to fetch next", () => {
  const list = footage(10_000, 20);

  it("is the fragment under the play head, then those behind it, up to the limit", () => {
    const got: Fragment[] = [];
    for (let i = 0; i < 30; i++) {
      const next = plan(list, 15_000, 7000, has(...got)).fetch;
      if (!next) break;
      got.push(next);
    }
    expect(got.map((f) => f.start)).toEqual([14_000, 16_000, 18_000, 20_000, 22_000]);
  });

  it("goes back to the last key frame of a camera with a long interval", () => {
    const long = footage(0, 12, "long", 6);
    expect(plan(long, 9000, 4000, has()).fetch?.start).toBe(0);
    expect(plan(long, 13_000, 4000, has()).fetch?.start).toBe(12_000);
  });

  it("never goes back over a gap", () => {
    const two = [...footage(0, 3, "a"), ...footage(60_000, 3, "b", 6)];
    expect(decodeFrom(two, 4)).toBe(3);
    expect(plan(two, 30_000, 7000, has()).fetch).toBeUndefined();
    expect(plan(two, 54_000, 7000, has()).fetch?.start).toBe(60_000);
  });

  it("stays below ten seconds per unit of speed", () => {
    for (const speed of [0.25, 0.5, 1, 2]) expect(aheadFor(speed)).toBeLessThan(10_000 * Math.max(1, speed));
  });

  it("does not forget what it is about to need", () => {
    const long = footage(0, 30, "long", 15);
    const wanted = plan(long, 29_000, 4000, has());
    expect(wanted.fetch?.start).toBe(0);
    expect(wanted.forgetBefore).toBeLessThanOrEqual(0);
  });
});

describe("how a track stands", () => {
  const list = footage(10_000, 3);
  const known = { from: 0, to: 100_000 };

  it("knows a gap from footage that is still coming", () => {
    expect(standing(list, known, 11_000, has())).toBe("loading");
    expect(standing(list, known, 11_000, has(list[0]!))).toBe("ready");
    expect(standing(list, known, 50_000, has())).toBe("gap");
    expect(standing(list, known, 5000, has())).toBe("gap");
    expect(standing(list, { from: 0, to: 40_000 }, 50_000, has())).toBe("loading");
    expect(standing(list, undefined, 11_000, has())).toBe("loading");
  });

  it("bridges a quarter of a second between two segments", () => {
    const seam = [...footage(0, 1, "a"), ...footage(2100, 1, "b")];
    expect(standing(seam, known, 2050, has(...seam))).toBe("ready");
    expect(readyUntil(seam, 0, has(...seam))).toBe(4100);
  });

  it("says how far it can play", () => {
    expect(readyUntil(list, 11_000, has(list[0]!, list[1]!))).toBe(14_000);
    expect(readyUntil(list, 11_000, has(list[1]!))).toBe(11_000);
  });
});

describe("the index", () => {
  it("is read from the server's words and found by time", () => {
    const list = readIndex(
      {
        runs: [
          {
            run: 3,
            codecs: ["avc1.64001f"],
            init: { url: "/media/L/segments/s1.mp4", offset: 0, size: 800 },
            fragments: [
              {
                segment: "s1",
                offset: 2800,
                size: 900,
                start: "2026-11-23T10:00:02.000Z",
                duration_ms: 2000,
                key: true,
              },
              {
                segment: "s1",
                offset: 800,
                size: 2000,
                start: "2026-11-23T10:00:00.000Z",
                duration_ms: 2000,
                key: true,
              },
            ],
          },
          { run: 4, codec: "avc1.64001f", init: { url: "/x" }, fragments: null },
        ],
      },
      (s) => `/media/L/segments/${s}.mp4`,
    );
    expect(list.map((f) => f.offset)).toEqual([800, 2800]);
    expect(list[0]!.url).toBe("/media/L/segments/s1.mp4");
    expect(lastAtOrBefore(list, list[1]!.start + 1)).toBe(1);
    expect(lastAtOrBefore(list, list[0]!.start - 1)).toBe(-1);
    expect(readIndex({ runs: null }, String)).toEqual([]);
  });
});

describe("between two moments", () => {
  const list = [...footage(0, 5, "a"), ...footage(60_000, 6, "b", 3)];

  it("finds the key frame before, else behind, never an end itself", () => {
    expect(keyBetween(list, 5000, 0, 10_000)?.start).toBe(4000);
    expect(keyBetween(list, 5000, 4000, 10_000)?.start).toBe(6000);
    expect(keyBetween(list, 30_000, 8000, 70_000)?.start).toBe(60_000);
    expect(keyBetween(list, 64_000, 60_000, 66_000)).toBeUndefined();
    expect(keyBetween([], 5, 0, 10)).toBeUndefined();
  });

  it("knows whether somebody recorded", () => {
    expect(hole(list, 2000, 8000)).toBe(0);
    expect(hole(list, 8000, 60_000)).toBe(50_000);
    expect(hole([], 0, 7)).toBe(7);
  });
});
