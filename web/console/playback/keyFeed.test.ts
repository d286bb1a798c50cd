import { describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { KeyFeed } from "./keyFeed";
import type { Fetch } from "./pieces";
import type { Source } from "./source";

/** A buffer that believes what it is told: each append of a "moov" adds a piece's seconds from its offset on. */
function fakeSource(seconds: () => number) {
  const ranges: [number, number][] = [];
  const source = {
    uses: [] as string[],
    use: async (mime: string) => void source.uses.push(mime),
    append: async (_bytes: Uint8Array, offset = 0) => {
      const last = ranges[ranges.length - 1];
      if (last && Math.abs(last[1] - offset) < 0.5) last[1] = offset + seconds();
      else ranges.push([offset, offset + seconds()]);
    },
    remove: async () => {},
    bufferedUntil: (t: number) => ranges.find(([a, b]) => a <= t + 0.1 && b > t)?.[1] ?? t,
    close: () => {},
  };
  return source as unknown as Source & typeof source;
}

const moov = new Uint8Array([0, 0, 0, 8, 0x6d, 0x6f, 0x6f, 0x76]);
const START = 1_700_000_000_000;

function feed(fetch: Fetch, seconds = 2) {
  const video = { currentTime: 0 } as HTMLVideoElement;
  const source = fakeSource(() => seconds);
  const keys = new KeyFeed(
    video,
    fetch,
    8,
    () => [{ from: 0, to: 9e15 }],
    () => {},
    () => source,
  );
  return { keys, video, source };
}

describe("fast playback by key frames", () => {
  it("asks for a short piece at a time, and for the next only when it is needed", async () => {
    const asked: [number, number][] = [];
    const { keys } = feed(async (from, to) => {
      asked.push([from - START, to - START]);
      return { codec: "avc1", start: from, bytes: moov };
    });
    keys.seek(START);
    await vi.waitFor(() => expect(keys.standing(START + 1)).toBe("ready"));
    for (let i = 0; i < 5; i++) await keys.pump(START);
    // Two seconds of film at eight times are sixteen of footage; two such pieces are enough for now.
    expect(asked).toEqual([
      [0, 16_000],
      [16_000, 32_000],
    ]);
    await keys.pump(START + 17_000);
    expect(asked).toHaveLength(3);
    expect(keys.readyUntil(START)).toBe(START + 48_000);
  });

  it("shows the moment asked for, although the piece begins with the key frame before it", async () => {
    const { keys, video } = feed(async (from) => ({ codec: "avc1", start: from - 1600, bytes: moov }), 2.2);
    keys.seek(START);
    await vi.waitFor(() => expect(keys.standing(START + 1)).toBe("ready"));
    expect(video.currentTime).toBeCloseTo(0.202, 3);
    expect(keys.position).toBeCloseTo(START + 16, -1);
  });

  it("calls a piece without footage a gap, and goes on behind it", async () => {
    const { keys } = feed(async (from) =>
      from < START + 16_000 ? undefined : { codec: "avc1", start: from, bytes: moov },
    );
    keys.seek(START);
    await vi.waitFor(() => expect(keys.standing(START + 5000)).toBe("gap"));
    await keys.pump(START + 5000);
    expect(keys.standing(START + 17_000)).toBe("ready");
    expect(keys.standing(START + 60_000)).toBe("loading");
  });

  it("begins a new buffer type where the parameters change, at the frame where the piece ended", async () => {
    const asked: number[] = [];
    const { keys, source } = feed(async (from) => {
      asked.push(from - START);
      return { codec: asked.length > 1 ? "hvc1" : "avc1", start: from, bytes: moov };
    }, 1);
    keys.seek(START);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await vi.waitFor(() => expect(keys.standing(START + 1)).toBe("ready"));
    await keys.pump(START);
    expect(asked).toEqual([0, 8000]);
    expect(source.uses).toEqual(['video/mp4; codecs="avc1"', 'video/mp4; codecs="hvc1"']);
  });

  it("tells why it is broken in the server's words, and in no others", async () => {
    for (const [error, told] of [
      [new Problem(503, "disk.busy", "磁盘正忙于录像，请稍后再试。"), "磁盘正忙于录像，请稍后再试。"],
      [new Error("the decoder refused the bytes"), ""],
      [new TypeError("Failed to fetch"), ""],
    ] as const) {
      const broken: string[] = [];
      const video = { currentTime: 0 } as HTMLVideoElement;
      const refuse = async () => Promise.reject(error);
      const keys = new KeyFeed(
        video,
        refuse,
        8,
        () => [],
        (why) => broken.push(why),
        () => fakeSource(() => 2),
      );
      keys.seek(START);
      for (let i = 0; i < 4; i++) {
        await new Promise((done) => setTimeout(done));
        await keys.pump(START);
      }
      expect(broken[0]).toBe(told);
    }
  });

  it("throws away what was under way when it is sent elsewhere", async () => {
    let release = () => {};
    const { keys } = feed(async (from, _to, signal) => {
      if (from === START) await new Promise<void>((done) => (release = done));
      if (signal.aborted) throw new DOMException("", "AbortError");
      return { codec: "avc1", start: from, bytes: moov };
    });
    keys.seek(START);
    keys.seek(START + 600_000);
    release();
    await vi.waitFor(() => expect(keys.standing(START + 600_001)).toBe("ready"));
    expect(keys.standing(START)).toBe("loading");
  });
});
