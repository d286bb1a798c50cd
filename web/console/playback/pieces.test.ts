import { afterEach, describe, expect, it, vi } from "vitest";
import type { Footage } from "./footage";
import { KeyFeed } from "./keyFeed";
import { piecesOf } from "./pieces";
import type { Source } from "./source";

const START = 1_700_000_000_000;
const SPEED = 4;
/** A smart codec's: longer than a piece of film, and than what is held ready. */
const KEYS = 40_000;
const END = START + 130_000;

/** Footage in fragments of 2 s of which few begin with a key frame, and the server that makes film of it. */
function footage() {
  const list: { start: number; end: number; key: boolean }[] = [];
  for (let start = START; start < END; start += 2000) {
    list.push({ start, end: start + 2000, key: (start - START) % KEYS === 0 });
  }
  const asked: URLSearchParams[] = [];
  const get = async (_lease: unknown, url: string) => {
    const query = new URLSearchParams(url.split("?")[1]);
    asked.push(query);
    const [from, to] = [Date.parse(query.get("from")!), Date.parse(query.get("to")!)];
    const first = START + Math.floor((from - START) / KEYS) * KEYS;
    const last = list.filter((f) => f.start < to).pop()!;
    // What a buffer needs to know of the film: how long it is, in its own seconds.
    const film = new DataView(new ArrayBuffer(16));
    film.setUint32(0, 16);
    film.setUint32(4, 0x6d6f6f76);
    film.setFloat64(8, (last.end - first) / 1000 / SPEED);
    return new Response(film.buffer, {
      headers: { "Content-Type": 'video/mp4; codecs="avc1"', "Linli-Start": new Date(first).toISOString() },
    });
  };
  const footage = { list, reach: async () => {}, leaseFor: async () => ({ id: "look", ended: null }), get };
  return { footage: footage as unknown as Footage, asked };
}

function buffer() {
  const ranges: [number, number][] = [];
  return {
    use: async () => {},
    append: async (bytes: Uint8Array, offset = 0) => {
      const end = offset + new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8);
      const touching = ranges.find(([a, b]) => offset <= b + 0.01 && end >= a - 0.01);
      if (touching) [touching[0], touching[1]] = [Math.min(touching[0], offset), Math.max(touching[1], end)];
      else ranges.push([offset, end]);
    },
    remove: async () => {},
    bufferedUntil: (t: number) => ranges.find(([a, b]) => a <= t + 0.1 && b > t)?.[1] ?? t,
    close: () => {},
  } as unknown as Source;
}

describe("film of key frames", () => {
  afterEach(() => vi.restoreAllMocks());

  it("goes on without a gap where key frames lie further apart than a piece is long", async () => {
    const { footage: from, asked } = footage();
    const spans = [{ from: START, to: END }];
    const video = { currentTime: 0 } as HTMLVideoElement;
    const trouble: string[] = [];
    const feed = new KeyFeed(
      video,
      piecesOf(from, SPEED),
      SPEED,
      () => spans,
      (why) => trouble.push(why),
      buffer,
    );
    feed.seek(START + 1000);
    await vi.waitFor(() => expect(feed.standing(START + 1001)).toBe("ready"));
    for (let t = START + 1001; t < END - 8000; t += 100) {
      await feed.pump(t);
      expect(feed.standing(t), `${(t - START) / 1000} s`).toBe("ready");
    }
    expect(trouble).toEqual([]);
    expect(asked.length).toBeLessThan(20);
  });

  it("asks for nothing where nothing was recorded", async () => {
    const { footage: from, asked } = footage();
    const signal = new AbortController().signal;
    expect(await piecesOf(from, SPEED)(END + 1000, END + 9000, signal)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
