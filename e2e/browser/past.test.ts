// Looking into the past: eight cameras at once, fast and slow, frame by frame, across a gap, until somebody ends the look.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { besides, launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { pace } from "./speed";
import { type Compound, fault, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
/** The demo films have 25 pictures a second. */
const FRAME = 1000 / 25;
/** How a receiver checks a clip, as the manual says. */
const recipe = /```python\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, "../../docs/ref/export.md"), "utf8"))![1]!;
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];
let cameras: { id: string; name: string; has_sub: boolean }[];
let begun = 0;

beforeAll(async () => {
  compound = await startCompound(8);
  begun = Date.now();
  browser = await launch();
  ({ context, page, said } = await openPage(browser));
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
  ({ cameras } = await get<{ cameras: typeof cameras }>("/api/cameras"));
  // There has to be a past.
  await until(() => Date.now() - begun > 62_000, 80_000);
}, 120_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

const get = async <T>(path: string): Promise<T> => (await (await page.request.get(compound.base + path)).json()) as T;
const wallTime = async () => Number(await page.getByTestId("play-time").getAttribute("data-wall"));
const frames = () => page.$$eval("[data-testid=track] video", (all) => (all as HTMLVideoElement[]).map((v) => v.getVideoPlaybackQuality().totalVideoFrames));
const view = () => page.getByTestId("timeline").evaluate((e) => Number(e.getAttribute("aria-valuemax")) - Number(e.getAttribute("aria-valuemin")));
const open = (ids: string[], at: number) => page.goto(`${compound.base}/playback?camera=${ids.join(",")}&at=${new Date(at).toISOString()}`);
const shown = () => until(async () => (await page.$$eval("[data-testid=track] video", (all) => (all as HTMLVideoElement[]).every((v) => v.readyState >= 2))), 30_000);
/** The simulator's first camera, which is the one that a fault was done to: its recording has a gap. */
const withGap = async () => {
  for (const { id } of cameras) {
    const { gaps, spans } = await get<{ gaps: { from: string; to: string }[]; spans: { from: string; to: string }[] }>(`/api/cameras/${id}/recordings?stream=main&from=${new Date(begun).toISOString()}`);
    const inside = gaps.find((g) => spans.some((s) => s.to <= g.from && s.from < g.from) && spans.some((s) => s.from >= g.to));
    if (inside) return { id, from: Date.parse(inside.from), to: Date.parse(inside.to) };
  }
  return undefined;
};

describe("looking into the past", () => {
  it("plays eight cameras at every speed, and none waits for another for good", async () => {
    await open(cameras.map((c) => c.id), Date.now() - 40_000);
    await shown();
    for (const speed of [0.25, 8, 1, 4]) {
      await page.getByTestId(`speed-${speed}`).click();
      const from = await wallTime();
      const before = await frames();
      await page.getByTestId("play").click();
      await until(async () => (await wallTime()) > from + 1500 * Math.max(speed, 0.5), 40_000, () => `at ${speed}×`);
      await page.getByTestId("play").click();
      // A new film begins a new count where the kind of film changes: some frames were shown in any case.
      for (const [i, n] of (await frames()).entries()) expect(n === before[i] ? 0 : n, `camera ${i} at ${speed}×`).toBeGreaterThan(0);
    }
  }, 200_000);

  it("goes as fast as it says: by the clock of the media, and by key frames only above double speed", async () => {
    for (const speed of [0.25, 1, 2, 4, 8]) {
      await open([cameras[1]!.id], Date.now() - 50_000);
      await shown();
      await page.getByTestId(`speed-${speed}`).click();
      await page.getByTestId("play").click();
      const from = await wallTime();
      await until(async () => (await wallTime()) > from + 300 * Math.max(speed, 0.5), 20_000, () => `at ${speed}×`);
      // A machine that has no time for a moment is not the player's fault: the best of three looks counts, each on the clock.
      const looks = [];
      const own = (p: Awaited<ReturnType<typeof pace>>) => p.media / (speed > 2 ? 1 : speed);
      const right = (p: Awaited<ReturnType<typeof pace>>) => Math.abs(p.wall / speed - 1) < 0.15 && Math.abs(own(p) - 1) < 0.25;
      while (looks.length < 3 && !looks.some(right)) looks.push(await pace(page, speed, speed > 2 ? 2000 : 2500));
      const got = looks.at(-1)!;
      console.info(`${speed}×: ${got.wall.toFixed(2)} s of footage a second, media ${got.media.toFixed(2)}, ${got.frames} frames ${got.apart.toFixed(0)} ms apart`);
      expect(got.wall / speed, `footage per second at ${speed}×, ${JSON.stringify(looks)}`).toBeGreaterThan(0.85);
      expect(got.wall / speed, `footage per second at ${speed}×, ${JSON.stringify(looks)}`).toBeLessThan(1.15);
      const media = own(got);
      expect(media, `media clock at ${speed}×`).toBeGreaterThan(0.75);
      expect(media, `media clock at ${speed}×`).toBeLessThan(1.25);
      // Key frames of the demo are a second or two apart; all frames, forty milliseconds.
      if (speed > 2) expect(got.apart, `frames at ${speed}×`).toBeGreaterThan(900);
      else expect(got.apart, `frames at ${speed}×`).toBeLessThan(200);
      await page.getByTestId("play").click();
    }
  }, 120_000);

  it("shows four cameras at the same moment", { timeout: 90_000 }, async () => {
    await open(cameras.slice(0, 4).map((c) => c.id), Date.now() - 45_000);
    await shown();
    await page.getByTestId("play").click();
    await page.waitForTimeout(2000);
    /** The pictures that are on the screen at the same time: by how much their wall-clock times differ, ten times a second. */
    const spreads = await page.evaluate(async () => {
      const videos = [...document.querySelectorAll<HTMLVideoElement>("[data-testid=track] video")];
      const shows = videos.map(() => Number.NaN);
      videos.forEach((video, i) => {
        const next = (_: number, frame: { mediaTime: number }) => {
          shows[i] = Number(video.dataset.zero) + frame.mediaTime * 1000;
          video.requestVideoFrameCallback(next);
        };
        video.requestVideoFrameCallback(next);
      });
      const out: number[] = [];
      const end = performance.now() + 20_000;
      while (performance.now() < end) {
        await new Promise((done) => setTimeout(done, 100));
        if (!shows.some(Number.isNaN)) out.push(Math.max(...shows) - Math.min(...shows));
      }
      return out.sort((a, b) => a - b);
    });
    await page.getByTestId("play").click();
    const share = (p: number) => spreads[Math.floor((spreads.length - 1) * p)]!;
    console.info(`four cameras at 1×, ${spreads.length} looks in 20 s: apart by ${share(0.5).toFixed(0)} ms in the median, ${share(0.95).toFixed(0)} ms at 95 %, ${share(1).toFixed(0)} ms at most`);
    expect(spreads.length).toBeGreaterThan(50);
    expect(share(0.5)).toBeLessThan(100);
    expect(share(0.9)).toBeLessThan(200);
  });

  it("steps back frame by frame, over the border of fragments", async () => {
    await open([cameras[0]!.id], Date.now() - 20_000);
    await shown();
    const asked = await wallTime();
    await page.getByTestId("step-back").click();
    await until(async () => (await wallTime()) !== asked, 10_000);
    let at = Number.NaN;
    await until(async () => { // the picture stands, and its time with it
      const was = at;
      await page.waitForTimeout(400);
      at = await wallTime();
      return at === was;
    }, 10_000);
    const first = at;
    for (let i = 0; i < 55; i++) {
      await page.keyboard.press(",");
      const was = at;
      await until(async () => (await wallTime()) < was, 10_000, () => `step ${i}`);
      at = await wallTime();
    }
    expect((first - at) / FRAME).toBeGreaterThan(54.5);
    expect((first - at) / FRAME).toBeLessThan(55.5);
  }, 90_000);

  it("zooms by how far the wheel is turned, and goes by the keyboard", async () => {
    const box = (await page.getByTestId("timeline").boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const before = await view();
    await page.mouse.wheel(0, -4);
    await until(async () => (await view()) < before);
    expect((await view()) / before).toBeGreaterThan(0.97);
    await page.mouse.wheel(0, -100);
    await until(async () => (await view()) / before < 0.85);
    expect((await view()) / before).toBeGreaterThan(0.7);
    await page.getByTestId("timeline").focus();
    const at = await wallTime();
    await page.keyboard.press("ArrowLeft");
    await until(async () => (await wallTime()) < at);
    await page.keyboard.press("-");
    await until(async () => (await view()) > before * 0.95);
  });

  it("jumps to a time that is typed in", async () => {
    await open([cameras[1]!.id], Date.now() - 15_000);
    await shown();
    const to = Math.floor((Date.now() - 35_000) / 1000) * 1000;
    const local = new Date(to + 8 * 3_600_000).toISOString();
    const field = page.getByTestId("playbar").locator("input");
    await field.fill(`${local.slice(0, 10)} ${local.slice(11, 19)}`);
    await field.press("Enter");
    await until(async () => Math.abs((await wallTime()) - to) < 1000, 10_000, () => local);
    await shown();
  });

  it("plays over a gap, and exports one file for each side of it, right to the frame", async () => {
    await fault(compound, 1, "drop", 12);
    let gap: Awaited<ReturnType<typeof withGap>>;
    await until(async () => (gap = await withGap()) !== undefined && Date.now() - gap.to > 14_000, 90_000);
    await open([gap!.id], gap!.from - 3000);
    await shown();
    await page.getByTestId("play").click();
    await until(async () => (await wallTime()) > gap!.to + 1000, 20_000);
    await page.getByTestId("play").click();
    const files: { name: string; path: string }[] = [];
    page.on("download", async (d) => files.push({ name: d.suggestedFilename(), path: (await d.path())! }));
    await page.getByTestId("select-span").click();
    await page.getByTestId("export-open").click();
    const [from, to] = [gap!.from - 8000, gap!.to + 8000].map((t) => Math.round(t / 1000) * 1000) as [number, number];
    const choose = async (...times: number[]) => {
      for (const [i, t] of times.entries()) {
        const field = page.locator("[data-testid=export-dialog] .times input").nth(i);
        const local = new Date(t + 8 * 3_600_000).toISOString();
        await field.fill(`${local.slice(0, 10)} ${local.slice(11, 19)}`);
        await field.press("Enter");
      }
    };
    // What a span holds is said before anything is saved: nothing of yesterday, and a part of what has a gap.
    await choose(from - 86_400_000, to - 86_400_000);
    await page.getByTestId("export-nothing").waitFor();
    expect(await page.getByTestId("export-begin").isDisabled()).toBe(true);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/export-nothing.png` });
    await choose(from, to);
    await until(async () => /有录像 \d/.test(await page.getByTestId("export-has").innerText()), 5000);
    expect(await page.getByTestId("export-nothing").count()).toBe(0);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/export-part.png` });
    await page.getByTestId("export-begin").click();
    await page.locator("[data-testid=export-item][data-state=done]").waitFor({ timeout: 30_000 });
    await until(() => files.length === 3, 10_000, () => files.map((f) => f.name).join());
    const clips = files.filter((f) => f.name.endsWith(".mp4")).sort((a, b) => a.name.localeCompare(b.name));
    expect(clips).toHaveLength(2);
    const manifest = files.find((f) => f.name.endsWith("-manifest.json"))!.path;
    const { runs } = JSON.parse(readFileSync(manifest, "utf8")) as { runs: { from: string; to: string; frames: number; fragments: unknown[] }[] };
    expect(runs).toHaveLength(2);
    for (const [i, [begin, end]] of ([[from, gap!.from], [gap!.to, to]] as const).entries()) {
      const probed = execFileSync("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=codec_type,nb_read_frames,duration", "-of", "json", clips[i]!.path], { encoding: "utf8" });
      const video = (JSON.parse(probed) as { streams: { codec_type: string; nb_read_frames: string; duration: string }[] }).streams.find((x) => x.codec_type === "video")!;
      // Every frame of the span and none beside it: as many as the manifest says, as many as the span holds, for as long.
      const run = runs[i]!;
      expect(Number(video.nb_read_frames), clips[i]!.name).toBe(run.frames);
      expect(Math.abs((end - begin) / FRAME - run.frames), `${run.frames} frames in ${end - begin} ms`).toBeLessThan(1.5);
      expect(Math.abs((Number(video.duration) * 1000) / FRAME - run.frames), clips[i]!.name).toBeLessThan(0.5);
      expect(Math.abs(Date.parse(run.from) - begin) / FRAME, "its first frame").toBeLessThan(1.1);
      expect(Math.abs(Date.parse(run.to) - end) / FRAME, "its last frame").toBeLessThan(1.1);
      // The recipe of the manual shows that the clip is what was recorded, and finds a single byte that is not.
      const check = () => spawnSync("python3", ["-c", recipe, manifest, String(i), clips[i]!.path], { encoding: "utf8" });
      const good = check();
      expect(good.stdout, good.stderr).toBe(`${run.fragments.length} of ${run.fragments.length} fragments are as they were recorded\n`);
      expect(good.status).toBe(0);
      const bytes = readFileSync(clips[i]!.path);
      bytes[bytes.length - 100]! ^= 1;
      writeFileSync(clips[i]!.path, bytes);
      const bad = check();
      expect(bad.stdout).toMatch(/not as recorded/);
      expect(bad.status).toBe(1);
    }
    await page.getByTestId("export-close").click();
  }, 180_000);

  it.each([
    ["zh", "请改用"],
    ["en", "Please use a current"],
  ])("a browser that can be given no footage is told what to do, and asks for none (%s)", async (language, says) => {
    const { page: old, context: its, said: heard } = await openPage(browser, { language, state: await context.storageState() });
    await old.addInitScript(() => {
      delete (window as Partial<Window & typeof globalThis>).MediaSource;
    });
    let asked = 0;
    old.on("request", (r) => {
      if (r.method() === "POST" && r.url().endsWith("/api/looks")) asked++;
    });
    await old.goto(`${compound.base}/playback?camera=${cameras[0]!.id}&at=${new Date(begun + 20_000).toISOString()}`);
    await old.locator("[data-testid=track] [role=status]").waitFor();
    expect(await old.locator("[data-testid=track] [role=status]").innerText()).toContain(says);
    if (process.env.SHOTS) await old.screenshot({ path: `${process.env.SHOTS}/no-player-${language}.png` });
    await old.goto(`${compound.base}/change?camera=${cameras[0]!.id}`);
    await old.getByText(says).waitFor();
    if (process.env.SHOTS) await old.screenshot({ path: `${process.env.SHOTS}/no-player-change-${language}.png` });
    expect(asked).toBe(0);
    expect(heard).toEqual([]);
    await its.close();
  });

  it("goes dark when the look is ended, and no frame comes after", async () => {
    const gapped = await withGap(); // half a minute ago may lie in it
    const camera = cameras.find(({ id }) => id !== gapped?.id)!;
    /** Footage that the server gave, by when. */
    const given: { url: string; at: number }[] = [];
    page.on("response", (r) => {
      if (/\/media\/[^/]+\/segments\//.test(r.url()) && r.ok()) given.push({ url: r.url(), at: Date.now() });
    });
    await open([camera.id], Date.now() - 30_000);
    await shown();
    await page.getByTestId("play").click();
    await until(async () => (await frames())[0]! > 10);
    const { looks } = await get<{ looks: { id: string; kind: string; camera: string }[] }>("/api/looks?active=true");
    const mine = looks.filter((l) => l.kind === "playback" && l.camera === camera.id);
    expect(mine.length).toBeGreaterThan(0);
    for (const l of mine) await page.evaluate((id) => fetch(`/api/looks/${id}`, { method: "DELETE" }), l.id);
    await page.locator("[data-testid=track] [role=status]").waitFor({ timeout: 5000 });
    expect(await page.$eval("[data-testid=track] video", (v) => getComputedStyle(v).visibility)).toBe("hidden");
    const then = await frames();
    const dark = Date.now();
    await page.waitForTimeout(1500);
    expect(await frames()).toEqual(then);
    // And the server has no more for it: not for this page, nor for one that keeps the address.
    expect(given.filter((g) => g.at > dark)).toEqual([]);
    const kept = given.at(-1)!.url;
    expect(await page.evaluate((url) => fetch(url, { headers: { Range: "bytes=0-99" } }).then((r) => r.status), kept)).toBe(410);
  });

  it("nothing was said on the console", () => expect(besides(said, [410, /^\/(media|api\/looks)\//])).toEqual([]));
});
