// What others' parsers and players say of what this server sends: playlists of now and of the past, fragments, an export.
import { readFileSync } from "node:fs";
import * as hlsParser from "hls-parser";
import { Parser } from "m3u8-parser";
import { createFile, type ISOFile, MP4BoxBuffer, type Movie } from "mp4box";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

let compound: Compound;
let browser: Browser;
let cookie = "";
let camera = "";
let begun = 0;

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) };
  const reply = await fetch(compound.base + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  const set = reply.headers.getSetCookie().map((line) => line.split(";")[0]!);
  if (set.length > 0) cookie = set.join("; ");
  return reply;
}

/** Asks the door; answers the addresses of the pictures. */
async function look(kind: string, span = {}): Promise<Record<string, string>> {
  const reply = await call("POST", "/api/looks", { camera, purpose: "duty", kind, stream: "main", ...span });
  return (await reply.json()).urls;
}

const past = () => ({ from: new Date(begun).toISOString(), to: new Date(begun + 12_000).toISOString() });
const text = async (path: string) => (await call("GET", path)).text();

async function bytes(path: string, range?: { offset: number; length: number }): Promise<ArrayBuffer> {
  const headers: Record<string, string> = { Cookie: cookie };
  if (range) headers.Range = `bytes=${range.offset}-${range.offset + range.length - 1}`;
  const reply = await fetch(new URL(path, compound.base), { headers });
  expect(reply.status).toBe(range ? 206 : 200);
  return reply.arrayBuffer();
}

/** mp4box's reading of a file, with the samples of its first track. */
function box(...parts: ArrayBuffer[]): { file: ISOFile; info: Movie; samples: { cts: number; is_sync: boolean; size: number }[] } {
  const file = createFile();
  let info: Movie | undefined;
  const samples: { cts: number; is_sync: boolean; size: number }[] = [];
  file.onError = (module, message) => {
    throw new Error(`${module}: ${message}`);
  };
  file.onReady = (read) => {
    info = read;
    file.onSamples = (_id, _user, list) => {
      samples.push(...list);
    };
    file.setExtractionOptions(read.videoTracks[0]!.id);
    file.start();
  };
  let at = 0;
  for (const part of parts) {
    file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(part, at));
    at += part.byteLength;
  }
  file.flush();
  if (!info) throw new Error("mp4box found no moov");
  return { file, info, samples };
}

/** m3u8-parser's reading; what it warns of fails. */
function manifest(playlist: string) {
  const parser = new Parser();
  const said: string[] = [];
  for (const kind of ["warn", "error"]) parser.on(kind, (event: { message: string }) => said.push(event.message));
  parser.push(playlist);
  parser.end();
  expect(said).toEqual([]);
  return parser.manifest;
}

beforeAll(async () => {
  compound = await startCompound(1, { postgres: true });
  const [first, chosen] = [compound.passwords.guard!, "three-quiet-evenings"];
  await call("POST", "/api/session", { name: "guard", password: first });
  await call("POST", "/api/session/password", { old: first, new: chosen });
  camera = (await (await call("GET", "/api/cameras")).json()).cameras[0].id;
  begun = Date.now() + 8000; // not at the beginning of a segment: its decode times are beyond 0
  browser = await launch();
  await until(async () => (await (await call("GET", "/api/cameras")).json()).cameras[0].health.state === "online", 20_000);
  hlsParser.setOptions({ strictMode: true });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await compound?.stop();
});

describe("the playlist of now", () => {
  it("is low-latency HLS to hls-parser and m3u8-parser", async () => {
    const urls = await look("live");
    await text(urls.hls!);
    await new Promise((done) => setTimeout(done, 3000)); // parts begin with the first reader
    const playlist = await text(urls.hls!);
    const strict = hlsParser.parse(playlist) as hlsParser.types.MediaPlaylist;
    expect(strict.isMasterPlaylist).toBe(false);
    expect(strict.lowLatencyCompatibility).toMatchObject({ canBlockReload: true });
    expect(strict.lowLatencyCompatibility!.partHoldBack).toBeGreaterThanOrEqual(2 * strict.partTargetDuration!);
    const parts = strict.segments.flatMap((s) => s.parts);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.filter((p) => p.hint).length).toBe(1);
    for (const p of parts) expect(p.duration ?? 0).toBeLessThanOrEqual(strict.partTargetDuration!);
    for (const s of strict.segments) if (s.duration) expect(Math.round(s.duration)).toBeLessThanOrEqual(strict.targetDuration);
    expect(strict.segments[0]!.programDateTime).toBeInstanceOf(Date);
    expect(Math.abs(Date.now() - strict.segments.at(-1)!.programDateTime!.getTime())).toBeLessThan(15_000);

    const loose = manifest(playlist);
    expect(loose.preloadSegment.preloadHints[0].type).toBe("PART");
    expect(loose.partTargetDuration).toBe(strict.partTargetDuration);
    expect(loose.serverControl.canBlockReload).toBe(true);
    await call("DELETE", `/api/looks/${urls.hls!.split("/")[2]}`);
  });

  it("shrinks to a delta that hls-parser reads, and waits for what is asked for", async () => {
    const urls = await look("live");
    await text(urls.hls!);
    // Beyond six target durations something can be left out.
    await until(async () => ((hlsParser.parse(await text(`${urls.hls!}?_HLS_skip=YES`)) as hlsParser.types.MediaPlaylist).skip ?? 0) > 0, 40_000);
    const whole = hlsParser.parse(await text(urls.hls!)) as hlsParser.types.MediaPlaylist;
    const next = whole.mediaSequenceBase! + whole.segments.filter((s) => s.uri).length + 1;
    const asked = Date.now();
    const delta = hlsParser.parse(await text(`${urls.hls!}?_HLS_msn=${next}&_HLS_skip=YES`)) as hlsParser.types.MediaPlaylist;
    expect(Date.now() - asked).toBeGreaterThan(100);
    expect(delta.skip).toBeGreaterThan(0);
    expect(delta.mediaSequenceBase! + delta.skip! + delta.segments.filter((s) => s.uri).length).toBeGreaterThan(next);
    await call("DELETE", `/api/looks/${urls.hls!.split("/")[2]}`);
  });

  it("names an init and parts that mp4box puts together", async () => {
    const urls = await look("live");
    await text(urls.hls!);
    await new Promise((done) => setTimeout(done, 3000));
    const list = hlsParser.parse(await text(urls.hls!)) as hlsParser.types.MediaPlaylist;
    const at = new URL(urls.hls!, compound.base);
    const whole = list.segments.find((s) => s.uri && s.parts.length > 0)!;
    const files = [list.segments[0]!.map!.uri, ...whole.parts.filter((p) => !p.hint).map((p) => p.uri)];
    const { info, samples } = box(...(await Promise.all(files.map((f) => bytes(new URL(f, at).href)))));
    expect(info.isFragmented).toBe(true);
    expect(info.videoTracks[0]!.codec).toMatch(/^avc1\./);
    expect(samples.length).toBeGreaterThan(10);
    expect(samples[0]!.is_sync).toBe(true);
    await call("DELETE", `/api/looks/${urls.hls!.split("/")[2]}`);
  });
});

describe("the past", () => {
  beforeAll(async () => {
    await until(() => Date.now() > begun + 17_000, 40_000); // what is looked back at is recorded meanwhile
  }, 60_000);

  it("is a playlist of byte ranges to both parsers, and fragments to mp4box", async () => {
    const urls = await look("playback", past());
    const playlist = await text(urls.hls!);
    const strict = hlsParser.parse(playlist) as hlsParser.types.MediaPlaylist;
    expect(strict.endlist).toBe(true);
    expect(strict.playlistType).toBe("VOD");
    const loose = manifest(playlist);
    expect(loose.segments.length).toBe(strict.segments.length);
    let frames = 0;
    let seconds = 0;
    for (const [i, s] of strict.segments.entries()) {
      expect(s.byterange).toEqual({ length: loose.segments[i].byterange.length, offset: loose.segments[i].byterange.offset });
      const at = new URL(s.uri, new URL(urls.hls!, compound.base)).href;
      const init = await bytes(new URL(s.map!.uri, new URL(urls.hls!, compound.base)).href, s.map!.byterange as { offset: number; length: number });
      const { samples } = box(init, await bytes(at, s.byterange as { offset: number; length: number }));
      expect(samples[0]!.is_sync).toBe(true);
      frames += samples.length;
      seconds += s.duration;
    }
    expect(seconds).toBeGreaterThan(11);
    expect(Math.abs(frames / seconds - box(await bytes((await look("export", past())).export!)).samples.length / seconds)).toBeLessThan(1);
  });

  it("is a progressive file to mp4box, moov first, with the edit list of the exact frame", async () => {
    const urls = await look("export", past());
    const { file, info, samples } = box(await bytes(urls.export!));
    expect(info.isFragmented).toBe(false);
    expect(info.isProgressive).toBe(true);
    expect(file.boxes.map((b) => b.type)).toEqual(["ftyp", "moov", "mdat"]);
    const edits = info.videoTracks[0]!.edits!;
    expect(edits.length).toBe(1);
    expect(edits[0]!.media_time).toBeGreaterThanOrEqual(0);
    const shown = edits[0]!.segment_duration / info.timescale;
    expect(shown).toBeGreaterThan(11.9);
    expect(shown).toBeLessThan(12.2);
    expect(samples.length).toBe(info.videoTracks[0]!.nb_samples);
    const listed = (await (await call("GET", urls.files!)).json()).files[0];
    expect(listed.frames).toBeLessThanOrEqual(samples.length);
  });

  it("plays in hls.js, and its end is reached", async () => {
    const urls = await look("playback", past());
    const context = await browser.newContext({ bypassCSP: true });
    const [name, value] = [cookie.slice(0, cookie.indexOf("=")), cookie.slice(cookie.indexOf("=") + 1)];
    await context.addCookies([{ name, value, url: compound.base }]);
    const page = await context.newPage();
    await page.goto(`${compound.base}/signin`);
    await page.addScriptTag({ content: readFileSync(new URL("../../web/node_modules/hls.js/dist/hls.min.js", import.meta.url), "utf8") });
    const got = await page.evaluate(async (url) => {
      // biome-ignore lint/suspicious/noExplicitAny: the script of the tag above
      const Hls = (globalThis as any).Hls;
      const video = document.body.appendChild(document.createElement("video"));
      video.muted = true;
      const errors: string[] = [];
      const hls = new Hls({ enableWorker: false });
      hls.on(Hls.Events.ERROR, (_: unknown, data: { details: string }) => errors.push(data.details));
      hls.loadSource(url);
      hls.attachMedia(video);
      await new Promise((done, fail) => {
        video.addEventListener("canplay", done, { once: true });
        setTimeout(() => fail(new Error(`nothing to play: ${errors}`)), 20_000);
      });
      const date = hls.latestLevelDetails?.fragments[0].programDateTime ?? hls.levels[0].details.fragments[0].programDateTime;
      await video.play();
      await new Promise((done, fail) => {
        video.addEventListener("ended", done, { once: true });
        setTimeout(() => fail(new Error(`at ${video.currentTime} of ${video.duration}: ${errors}`)), 40_000);
      });
      return { errors, date, length: video.duration, frames: video.getVideoPlaybackQuality().totalVideoFrames };
    }, urls.hls!);
    expect(got.errors).toEqual([]);
    expect(got.length).toBeGreaterThan(11);
    expect(got.frames).toBeGreaterThan(got.length * 8);
    expect(Math.abs(got.date - begun)).toBeLessThan(4000);
    await context.close();
  });
});
