// Sound is off unless the register gives it a reason and a person asks for it. AAC comes over HLS and is played back, G.711
// comes over WebRTC and lies in the file.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { clips, register, type Simulator, simulate } from "./cameras";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const simulators: Simulator[] = [];
const drawn = clips();
const ids: Record<string, string> = {};

beforeAll(async () => {
  const aac = drawn.draw("aac.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=15", "-f", "lavfi", "-i", "sine=f=440:r=8000", "-t", "8", "-c:v", "libx264", "-g", "30", "-bf", "0", "-b:v", "300k", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "16000");
  const sine = drawn.draw("alaw.wav", "-f", "lavfi", "-i", "sine=f=440:r=8000", "-t", "3", "-ac", "1", "-c:a", "pcm_alaw");
  simulators.push(await simulate(aac, aac), await simulate(aac, aac, { sound: sine }));
  compound = await startCompound(1);
  browser = await launch();
  const operator = await openPage(browser);
  await signIn(operator.page, compound.base, "operator", [compound.passwords.operator!, CHOSEN]);
  ids.aac = await register(operator.page.request, compound.base, "求助点", simulators[0]!.url, { sound_reason: "求助按钮对讲" });
  ids.alaw = await register(operator.page.request, compound.base, "门岗对讲", simulators[1]!.url, { sound_reason: "门岗对讲" });
  ids.quiet = await register(operator.page.request, compound.base, "无声", simulators[0]!.url);
  await operator.context.close();
  ({ context, page } = await openPage(browser));
  await page.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    Object.assign(window, { peers });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(options?: RTCConfiguration) {
        super(options);
        peers.push(this);
      }
    };
  });
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
}, 90_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
  for (const s of simulators) s.stop();
  drawn.remove();
});

interface Heard {
  codec: string;
  level: number;
  energy: number;
  seconds: number;
}

/** What WebRTC says of the sound of the page's latest connection. */
const received = () =>
  page.evaluate(async () => {
    const peer = (window as unknown as { peers: RTCPeerConnection[] }).peers.at(-1);
    const stats = new Map<string, Record<string, unknown>>();
    if (peer) for (const [id, s] of (await peer.getStats()) as unknown as Map<string, Record<string, unknown>>) stats.set(id, s);
    const audio = [...stats.values()].find((s) => s.type === "inbound-rtp" && s.kind === "audio");
    const codec = audio && stats.get(String(audio.codecId));
    return { codec: String(codec?.mimeType ?? ""), level: Number(audio?.audioLevel ?? 0), energy: Number(audio?.totalAudioEnergy ?? 0), seconds: Number(audio?.totalSamplesDuration ?? 0) } as Heard;
  });

const heard = () => page.$eval("[data-testid=live-picture] video", (v) => [(v as HTMLVideoElement).muted, (v as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount] as const);

describe("sound", () => {
  it("in AAC is heard over HLS, only when asked for, and the page says where", async () => {
    await page.goto(`${compound.base}/cameras/${ids.aac}`);
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=whep]").waitFor({ timeout: 20_000 });
    expect((await heard())[0]).toBe(true);
    expect(await page.getByTestId("sound-where").innerText()).toContain("AAC");
    await page.getByTestId("sound").click();
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=hls]").waitFor({ timeout: 20_000 });
    expect((await heard())[0]).toBe(false);
    const [, before] = await heard();
    await until(async () => (await heard())[1] > before, 10_000, () => `${before} bytes`);
  }, 60_000);

  it("in AAC is played back when asked for", async () => {
    const footage = async () => ((await (await page.request.get(`${compound.base}/api/cameras/${ids.aac}/recordings?stream=sub&from=${new Date(Date.now() - 60_000).toISOString()}`)).json()) as { spans: { from: string; to: string }[] }).spans;
    await until(async () => (await footage()).some((s) => Date.parse(s.to) - Date.parse(s.from) > 8000), 20_000);
    await page.goto(`${compound.base}/playback?camera=${ids.aac}&at=${(await footage())[0]!.from}`);
    const decoded = () => page.$eval("[data-testid=track] video", (v) => [(v as HTMLVideoElement).muted, (v as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount] as const);
    await page.locator("[data-testid=track] video").waitFor({ state: "attached" });
    await until(async () => (await page.$eval("[data-testid=track] video", (v) => (v as HTMLVideoElement).readyState)) >= 2, 20_000);
    await page.getByTestId("play").click();
    await page.waitForTimeout(1500);
    expect(await decoded()).toEqual([true, 0]);
    await page.getByTestId("sound").click();
    await until(async () => (await decoded())[1] > 0, 10_000, () => "no sound is decoded");
    expect((await decoded())[0]).toBe(false);
    const [, before] = await decoded();
    await until(async () => (await decoded())[1] > before, 10_000, () => `${before} bytes`);
  }, 60_000);

  it("is not in the file of a camera whose register gives it no reason", async () => {
    const files = (camera: string) =>
      readdirSync(compound.data, { recursive: true, encoding: "utf8" })
        .filter((name) => name.includes(camera) && name.endsWith(".mp4"))
        .map((name) => join(compound.data, name));
    const kinds = (file: string) => execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", file], { encoding: "utf8" }).trim().split("\n").sort().join();
    await until(() => files(ids.quiet!).length > 0 && files(ids.aac!).length > 0, 20_000);
    // Both cameras send the same sound.
    for (const file of files(ids.quiet!)) expect(kinds(file), file).toBe("video");
    for (const file of files(ids.aac!)) expect(kinds(file), file).toBe("audio,video");
  }, 40_000);

  it("in G.711 is heard over WebRTC, and the page says where", async () => {
    await page.goto(`${compound.base}/cameras/${ids.alaw}`);
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=whep]").waitFor({ timeout: 20_000 });
    await until(async () => (await page.getByTestId("sound-where").innerText()).includes("G.711"));
    expect((await heard())[0]).toBe(true);
    await page.getByTestId("sound").click();
    await until(async () => !(await heard())[0]);
    // It stays with WebRTC: there is no other way for it.
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=whep]").waitFor({ timeout: 20_000 });
    let now = await received();
    await until(async () => (now = await received()).level > 0.05, 15_000, () => JSON.stringify(now));
    expect(now.codec).toBe("audio/PCMA");
    const before = now;
    await until(async () => (now = await received()).seconds > before.seconds + 2, 10_000, () => JSON.stringify(now));
    // A sine of ffmpeg's has an amplitude of 1/8; its energy is that of the level, squared, second by second.
    expect((now.energy - before.energy) / (now.seconds - before.seconds)).toBeGreaterThan(0.003);
  }, 60_000);

  it("of a camera without a reason is not offered", async () => {
    await page.goto(`${compound.base}/cameras/${ids.quiet}`);
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    expect(await page.getByTestId("sound").count()).toBe(0);
  });

  it("in G.711 lies in the files, and ffmpeg takes them without a word", async () => {
    await compound.end();
    const files = readdirSync(compound.data, { recursive: true, encoding: "utf8" }).filter((f) => f.includes(ids.alaw!) && f.endsWith(".mp4")).map((f) => join(compound.data, f));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) {
      const probe = execFileSync("ffprobe", ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file], { encoding: "utf8" });
      expect(probe.trim().split(/\s+/)).toEqual(["h264", "pcm_alaw"]);
      const level = execFileSync("sh", ["-c", 'ffmpeg -hide_banner -nostats -i "$0" -vn -af volumedetect -f null - 2>&1', file], { encoding: "utf8" });
      expect(Number(/max_volume: (\S+) dB/.exec(level)?.[1])).toBeGreaterThan(-25);
      expect(execFileSync("sh", ["-c", 'ffmpeg -v error -i "$0" -f null - 2>&1', file], { encoding: "utf8" })).toBe("");
    }
  });
});
