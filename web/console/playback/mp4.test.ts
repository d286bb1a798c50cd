import { describe, expect, it } from "vitest";
import { readFragment, readInit } from "./mp4";
import { stripFragment, stripInit } from "./strip";
import { box, full, text, u32, u64 } from "./testbox";

function trak(id: number, handler: string, timescale: number, start: number) {
  return box(
    "trak",
    full("tkhd", 0, 3, u32(0), u32(0), u32(id), u32(0)),
    box("edts", full("elst", 1, 0, u32(1), u64(0), u64(start), u32(65536))),
    box(
      "mdia",
      full("mdhd", 0, 0, u32(0), u32(0), u32(timescale), u32(0)),
      full("hdlr", 0, 0, u32(0), text(handler), u32(0)),
    ),
  );
}

function chunk(id: number, decode: number, samples: [number, number][], payload: number[]) {
  const rows = samples.flatMap(([duration, shift]) => [...u32(duration), ...u32(shift)]);
  return [
    ...box(
      "moof",
      full("mfhd", 0, 0, u32(1)),
      box(
        "traf",
        full("tfhd", 0, 0x20000, u32(id)),
        full("tfdt", 1, 0, u64(decode)),
        full("trun", 1, 0x901, u32(samples.length), u32(0), rows),
      ),
    ),
    ...box("mdat", payload),
  ];
}

// Three hours into a run: decode times are far beyond 32 bits of ticks of interest, the edit list maps them to zero.
const START = 3 * 3600 * 90000;
const init = new Uint8Array([
  ...box("ftyp", text("iso6")),
  ...box(
    "moov",
    full("mvhd", 0, 0, u32(0)),
    trak(1, "vide", 90000, START),
    trak(2, "soun", 8000, 0),
    box("mvex", full("trex", 0, 0, u32(1)), full("trex", 0, 0, u32(2))),
  ),
]);
const video = chunk(
  1,
  START + 90000,
  [
    [3600, 0],
    [3600, 7200],
    [3600, 0],
  ],
  [1, 2, 3],
);
const sound = chunk(2, 8000, [[160, 0]], [9, 9]);
const fragment = new Uint8Array([...video, ...sound]);

describe("reading a fragment", () => {
  it("gives the shown time of each frame, edit list and reordering included", () => {
    const got = readFragment(fragment, readInit(init))!;
    expect(got.start).toBeCloseTo(1, 6);
    expect(got.frames).toEqual([1, 1.08, 1.12]);
    expect(got.duration).toBeCloseTo(0.12, 6);
  });

  it("does not fall over bytes that end early or make no sense", () => {
    const info = readInit(init);
    for (let n = 0; n < fragment.length; n += 3)
      expect(() => readFragment(fragment.subarray(0, n), info)).not.toThrow();
    expect(() => readInit(new Uint8Array(40))).toThrow();
  });
});

describe("taking the sound out", () => {
  it("keeps the picture's chunks byte for byte", () => {
    const got = stripInit(init, (_id, handler) => handler === "vide");
    expect([...got.dropped]).toEqual([2]);
    expect(readInit(got.init).tracks.size).toBe(1);
    expect(got.init.length).toBe(init.length);
    expect([...stripFragment(fragment, got.dropped)]).toEqual(video);
  });

  it("leaves everything as it is when nothing is dropped", () => {
    expect(stripFragment(fragment, new Set())).toBe(fragment);
  });
});
