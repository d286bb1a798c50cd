import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const world = vi.hoisted(() => ({ tried: [] as number[][], shows: true }));
vi.mock("../playback/source", () => ({
  Source: class {
    private readonly got: Uint8Array[] = [];
    constructor(private readonly video: EventTarget) {}
    async use() {}
    async append(bytes: Uint8Array) {
      this.got.push(bytes);
      if (this.got.length < 2) return;
      world.tried.push([...bytes]);
      if (world.shows) Object.assign(this.video, { videoWidth: 640 });
      setTimeout(() => this.video.dispatchEvent(new Event(world.shows ? "loadeddata" : "error")), 5);
    }
    close() {}
  },
}));

import { canTry, forgetProbes, refute, verdictOn } from "../playback/probe";
import { initOf, mdat } from "../playback/testbox";
import { piecesOf, prove, provenOf } from "./proof";

const CODEC = "hvc1.1.6.L60.90";
const init = initOf("hvc1", [0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60]);
const key = mdat([19 << 1, 1, 7]);
const other = mdat([1 << 1, 1, 7]);
const LIST = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MAP:URI="live/init.mp4?v=1"
#EXTINF:2,
live/7.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="live/init.mp4?v=2"
#EXT-X-PROGRAM-DATE-TIME:2026-11-28T12:00:00.000Z
#EXTINF:2,
live/8.mp4
#EXT-X-PART:DURATION=0.4,URI="live/9.0.mp4",INDEPENDENT=YES
#EXTINF:2,
live/9.mp4
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="live/10.0.mp4"
`;

/** A server with these files, and what was asked of it. */
function serves(files: Record<string, Uint8Array | string>) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    const { pathname, search } = new URL(url, location.href);
    asked.push(pathname + search);
    const body = files[pathname + search];
    return new Response(body as BodyInit | undefined, { status: body === undefined ? 404 : 200 });
  });
  return asked;
}
const usual = {
  "/media/l/live.m3u8": LIST,
  "/media/l/live/init.mp4?v=2": init,
  "/media/l/live/8.mp4": key,
  "/media/l/live/9.mp4": other,
};
const ask = () => prove("/media/l/live.m3u8", new AbortController().signal);

beforeEach(() => {
  forgetProbes();
  Object.assign(world, { tried: [], shows: true });
  vi.stubGlobal("location", { href: "https://compound.example/cameras/a" });
  vi.stubGlobal("MediaSource", { isTypeSupported: () => true });
  const video = () => Object.assign(new EventTarget(), { videoWidth: 0, currentTime: 0, buffered: { length: 0 } });
  vi.stubGlobal("document", { createElement: video });
});
afterEach(() => vi.unstubAllGlobals());

describe("whether live H.265 can be decoded here", () => {
  it("is shown by the newest fragment that begins with a key picture", async () => {
    const asked = serves(usual);
    expect(await ask()).toEqual({ codec: CODEC, decodes: true });
    expect(world.tried).toEqual([[...key]]);
    expect(asked).toEqual([
      "/media/l/live.m3u8",
      "/media/l/live/init.mp4?v=2",
      "/media/l/live/9.mp4",
      "/media/l/live/8.mp4",
    ]);
  });

  it("is found out once, for sixteen cameras that are opened together, and for playback", async () => {
    serves(usual);
    world.shows = false;
    const all = await Promise.all(Array.from({ length: 16 }, ask));
    expect(new Set(all.map((p) => p.decodes))).toEqual(new Set([false]));
    expect(world.tried.length).toBe(1);
    expect([verdictOn(CODEC), canTry(CODEC)]).toEqual([false, false]);
    const asked = serves(usual);
    expect((await ask()).decodes).toBe(false);
    expect(asked).toEqual(["/media/l/live.m3u8", "/media/l/live/init.mp4?v=2"]);
  });

  it("is known where playback has found it out, and where a picture that was believed never came", async () => {
    serves(usual);
    refute(CODEC);
    expect((await ask()).decodes).toBe(false);
    expect(world.tried).toEqual([]);
  });

  it("stays open where MSE says no, or is not there: an iPhone's WebRTC shows it all the same", async () => {
    for (const mse of [{ isTypeSupported: () => false }, undefined]) {
      vi.stubGlobal("MediaSource", mse);
      serves(usual);
      expect(await ask()).toEqual({ codec: CODEC, decodes: undefined });
    }
    expect(world.tried).toEqual([]);
  });

  it("is asked of a stream once, and keeps nobody waiting whose camera is silent", async () => {
    const signal = new AbortController().signal;
    const asked = serves(usual);
    expect(await provenOf("a/main", "/media/l/live.m3u8", signal)).toEqual({ codec: CODEC, decodes: true });
    const before = asked.length;
    expect(await provenOf("a/main", "/media/l/live.m3u8", signal)).toEqual({ codec: CODEC, decodes: true });
    expect(asked.length).toBe(before);
    vi.useFakeTimers();
    try {
      vi.stubGlobal("fetch", () => new Promise(() => {}));
      const silent = provenOf("b/main", "/media/l/live.m3u8", signal);
      await vi.advanceTimersByTimeAsync(4000);
      expect(await silent).toBeNull();
    } finally {
      vi.useRealTimers();
    }
    serves({});
    expect(await provenOf("c/main", "/media/l/live.m3u8", signal)).toBeNull();
  });

  it("stays open where there is nothing to find it out with", async () => {
    serves({ ...usual, "/media/l/live/8.mp4": other });
    expect(await ask()).toEqual({ codec: CODEC, decodes: undefined });
    serves({ ...usual, "/media/l/live/init.mp4?v=2": initOf("avc1", []) });
    expect(await ask()).toEqual({ codec: "", decodes: undefined });
    serves({ ...usual, "/media/l/live.m3u8": "#EXTM3U\n" });
    expect(await ask()).toEqual({ codec: "", decodes: undefined });
    serves({});
    await expect(ask()).rejects.toThrow();
    expect(verdictOn(CODEC)).toBeUndefined();
  });
});

it("a playlist's segments each need the init before them", () => {
  expect(piecesOf(LIST).map((p) => `${p.init} ${p.uri}`)).toEqual([
    "live/init.mp4?v=1 live/7.mp4",
    "live/init.mp4?v=2 live/8.mp4",
    "live/init.mp4?v=2 live/9.mp4",
  ]);
});
