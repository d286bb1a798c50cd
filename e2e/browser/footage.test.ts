// What a guard does with footage of particular cameras: find when something went away, see a camera that sends H.265
// in a browser that cannot decode it, and one that shows the world outside. All on PostgreSQL.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { clips, register, type Simulator, simulate } from "./cameras";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
const HALF = 12;
/** The clips have 15 pictures a second. */
const FRAME = 1000 / 15;
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const simulators: Simulator[] = [];
const drawn = clips();
let shed = "";
let gate = "";
let barrier = "";
let alone = "";
let square = "";
/** The outdoor clip of Debian's opencv-doc; "" where somebody gave a reason to go without. */
const outdoors = execFileSync(join(import.meta.dirname, "../../scripts/real-clip.sh"), { encoding: "utf8" }).trim();

beforeAll(async () => {
  // For twelve seconds an e-bike stands there, without a movement, for twelve it does not.
  const scene = ["-f", "lavfi", "-i", "color=c=0x6b6f68:s=640x360:r=15,noise=alls=5:allf=t", "-f", "lavfi", "-i", "smptebars=s=120x90:r=15"];
  const x264 = ["-t", String(2 * HALF), "-c:v", "libx264", "-g", "15", "-bf", "0", "-b:v", "400k", "-pix_fmt", "yuv420p"];
  const bike = drawn.draw("bike.mp4", ...scene, "-filter_complex", `[0][1]overlay=x=180:y=200:enable='lt(t,${HALF})'`, ...x264);
  const h265 = drawn.draw("h265.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=15", "-t", "8", "-c:v", "libx265", "-x265-params", "keyint=30:bframes=0:log-level=none", "-pix_fmt", "yuv420p");
  const b = drawn.draw("b.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=15", "-t", "8", "-c:v", "libx264", "-profile:v", "high", "-g", "15", "-bf", "2", "-x264-params", "b-adapt=0", "-b:v", "400k", "-pix_fmt", "yuv420p");
  simulators.push(await simulate(bike, bike), await simulate(h265, bike), await simulate(b, b), await simulate(h265, h265));
  compound = await startCompound(1, { postgres: true });
  browser = await launch();
  const operator = await openPage(browser);
  await signIn(operator.page, compound.base, "operator", [compound.passwords.operator!, CHOSEN]);
  shed = await register(operator.page.request, compound.base, "车棚", simulators[0]!.url);
  gate = await register(operator.page.request, compound.base, "北门", simulators[1]!.url);
  barrier = await register(operator.page.request, compound.base, "道闸", simulators[2]!.url);
  alone = await register(operator.page.request, compound.base, "围墙", simulators[3]!.url, { sub: undefined });
  if (outdoors) {
    const real = (name: string, size: string) => drawn.draw(name, "-i", outdoors, "-t", "20", "-vf", `scale=${size}`, "-c:v", "libx264", "-preset", "fast", "-g", "10", "-bf", "0", "-b:v", "800k", "-pix_fmt", "yuv420p");
    simulators.push(await simulate(real("square.mp4", "768:576"), real("square-sub.mp4", "384:288")));
    square = await register(operator.page.request, compound.base, "广场", simulators.at(-1)!.url);
  }
  await operator.context.close();
  ({ context, page } = await openPage(browser));
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
}, 120_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
  for (const s of simulators) s.stop();
  drawn.remove();
});

describe("a camera that sends H.265", () => {
  it("is seen live by its sub stream when the sharp one cannot be decoded", async () => {
    await page.goto(`${compound.base}/cameras/${gate}`);
    const picture = page.getByTestId("live-picture");
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    await page.getByTestId("sharp").click();
    await page.locator(".el-message").waitFor({ timeout: 15_000 });
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    expect(await picture.getAttribute("data-phase")).toBe("playing");
  });

  it("is played back by its sub stream, and the page says so", async () => {
    await page.waitForTimeout(6000);
    await page.goto(`${compound.base}/playback?camera=${gate}&at=${new Date(Date.now() - 5000).toISOString()}`);
    await page.locator("[data-testid=track][data-stream=sub]").waitFor({ timeout: 15_000 });
    await page.getByTestId("fell-back").waitFor();
    await page.getByTestId("play").click();
    const frames = () => page.$eval("[data-testid=track] video", (v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
    await until(async () => (await frames()) > 20, 10_000);
  });
});

describe("a browser that claims H.265, and does not decode it", () => {
  /** A page of it: yes to every question that a page may put, as browsers say that have no licence or no hardware for it. */
  async function claiming() {
    const own = await openPage(browser, { state: await context.storageState() });
    await own.page.addInitScript(() => {
      MediaSource.isTypeSupported = () => true;
      HTMLMediaElement.prototype.canPlayType = () => "probably";
      // It goes on claiming until bytes arrive: only they show that there is no decoder.
      const add = MediaSource.prototype.addSourceBuffer;
      MediaSource.prototype.addSourceBuffer = function (type) {
        return add.call(this, type.replace(/h[ev][vc]1[^",]*/, "avc1.640028"));
      };
    });
    /** What was asked of the live pictures, without its numbers. */
    const asked: string[] = [];
    own.page.on("request", (r) => {
      const [, what] = /\/media\/[^/]+\/(whep|live\/.*)$/.exec(r.url()) ?? [];
      if (what) asked.push(what.replace(/(?<=[/=])\d+/g, "N"));
    });
    /** Of which stream each connection was asked for that was to be shown at once. */
    const connected: Promise<string>[] = [];
    const streams = new Map<string, string>();
    own.page.on("response", async (r) => {
      if (!/\/api\/looks$/.test(r.url()) || r.request().method() !== "POST" || !r.ok()) return;
      const { lease } = (await r.json()) as { lease: string };
      streams.set(lease, (r.request().postDataJSON() as { stream: string }).stream);
    });
    own.page.on("request", (r) => {
      const [, lease] = /\/media\/([^/]+)\/whep$/.exec(r.url()) ?? [];
      if (!lease) return;
      connected.push(until(() => streams.has(lease)).then(() => streams.get(lease)!));
    });
    const live = (phase: string) => own.page.locator(`[data-testid=live-picture][data-phase=${phase}]`).waitFor({ timeout: 20_000 });
    return { ...own, asked, connected: () => Promise.all(connected.splice(0)), live };
  }

  it("is found out by a real fragment before anything is shown, and told so once for all cameras", async () => {
    const { page: claims, context: its, said, asked, connected, live } = await claiming();
    await claims.goto(`${compound.base}/cameras/${alone}`);
    await live("undecodable");
    expect(await claims.getByTestId("live-picture").innerText()).toContain("不能解码此码流（H.265）");
    // Its init, and fragments until one begins with a key picture: nothing is connected to see whether something comes.
    expect(asked.slice(0, 2)).toEqual(["live/init.mp4?v=N", "live/N.mp4"]);
    expect(new Set(asked)).toEqual(new Set(["live/init.mp4?v=N", "live/N.mp4"]));
    // Another camera, without loading the page anew.
    await claims.evaluate((to) => {
      history.pushState({}, "", to);
      window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    }, `/cameras/${gate}`);
    await live("playing");
    expect(new Set(await connected())).toEqual(new Set(["sub"]));
    asked.length = 0;
    await claims.getByTestId("sharp").click();
    await claims.locator(".el-message").waitFor();
    expect(await claims.locator(".el-message").innerText()).toContain("已改放子码流");
    expect(asked.filter((what) => what !== "whep")).toEqual(["live/init.mp4?v=N"]);
    await live("playing");
    // Nobody waited for a picture that would not come: the sharp stream was never connected to.
    expect(await connected()).toEqual(["sub"]);
    expect(said).toEqual([]);
    await its.close();
  }, 60_000);

  it("plays the past by the sub stream, or is told that it cannot", async () => {
    const { page: claims, context: its, said } = await claiming();
    const at = new Date(Date.now() - 5000).toISOString();
    await claims.goto(`${compound.base}/playback?camera=${gate}&at=${at}`);
    await claims.locator("[data-testid=track][data-stream=sub]").waitFor({ timeout: 15_000 });
    await claims.getByTestId("fell-back").waitFor();
    await claims.getByTestId("play").click();
    await until(() => claims.$eval("[data-testid=track] video", (v) => (v as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames > 20), 10_000);
    await claims.goto(`${compound.base}/playback?camera=${alone}&at=${at}`);
    await claims.locator("[data-testid=track] [role=status]", { hasText: "不能解码此码流（H.265）" }).waitFor({ timeout: 20_000 });
    expect(said).toEqual([]);
    await its.close();
  }, 60_000);
});

describe("a camera that sends B-frames", () => {
  it("is seen over HLS, frames in their order, and the page says so", async () => {
    await page.goto(`${compound.base}/cameras/${barrier}`);
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    expect(await page.getByTestId("live-picture").getAttribute("data-way")).toBe("hls");
    await page.getByText("含 B 帧，改用 HLS 播放").first().waitFor({ timeout: 15_000 });
    const times = await page.evaluate(async () => {
      const video = document.querySelector<HTMLVideoElement>("[data-testid=live-picture] video")!;
      const seen: number[] = [];
      const next = (_: number, frame: { mediaTime: number }) => {
        seen.push(frame.mediaTime);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
      await new Promise((done) => setTimeout(done, 3000));
      return seen;
    });
    expect(times.length).toBeGreaterThan(20);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/b-frames.png` });
  });
});

describe("a camera that sends H.265 and nothing else", () => {
  it("is told in a plain sentence where the browser has no decoder, live and of the past", async () => {
    await page.goto(`${compound.base}/cameras/${alone}`);
    await page.locator("[data-testid=live-picture][data-phase=undecodable]").waitFor({ timeout: 30_000 });
    expect(await page.getByTestId("live-picture").innerText()).toContain("不能解码此码流（H.265）");
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/h265-alone.png` });
    await page.goto(`${compound.base}/playback?camera=${alone}&at=${new Date(Date.now() - 5000).toISOString()}`);
    await page.locator("[data-testid=track] [role=status]", { hasText: "不能解码此码流（H.265）" }).waitFor({ timeout: 20_000 });
  }, 90_000);
});

describe.skipIf(!outdoors)("a camera that shows the world outside", () => {
  /** Mean colours of four by four places of the clip, by ffmpeg. */
  const clip = () => [...execFileSync("ffmpeg", ["-v", "error", "-i", outdoors, "-frames:v", "1", "-vf", "scale=4:4:flags=area", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"])];
  /** The same of what the page shows, and how many pictures it has shown. */
  const shown = (video: string) =>
    page.$eval(video, (element) => {
      const v = element as HTMLVideoElement;
      const [w, h] = [v.videoWidth, v.videoHeight];
      if (w === 0) return { means: [], width: 0, frames: 0 }; // between two streams
      const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
      const pen = canvas.getContext("2d")!;
      pen.drawImage(v, 0, 0);
      const means: number[] = [];
      for (let y = 0; y < 4; y++) {
        for (let x = 0; x < 4; x++) {
          const { data } = pen.getImageData((x * w) / 4, (y * h) / 4, w / 4, h / 4);
          for (let c = 0; c < 3; c++) {
            let sum = 0;
            for (let i = c; i < data.length; i += 4) sum += data[i]!;
            means.push(sum / (data.length / 4));
          }
        }
      }
      return { means, width: w, frames: v.getVideoPlaybackQuality().totalVideoFrames };
    });
  /** People walk through it, so no place is quite the same; a drawn scene is far off. */
  const off = (means: number[]) => Math.max(...clip().map((c, i) => Math.abs(c - means[i]!)));

  it("is seen live over WebRTC, small and sharp", async () => {
    await page.goto(`${compound.base}/cameras/${square}`);
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=whep]").waitFor({ timeout: 20_000 });
    const video = "[data-testid=live-picture] video";
    const before = await shown(video);
    await until(async () => (await shown(video)).frames > before.frames + 15, 10_000);
    const small = await shown(video);
    expect(small.width).toBe(384);
    expect(off(small.means), JSON.stringify([small.means, clip()])).toBeLessThan(40);
    await page.getByTestId("sharp").click();
    await until(async () => (await shown(video)).width === 768, 20_000);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/square.png` });
  }, 60_000);

  it("is played back", async () => {
    await page.goto(`${compound.base}/playback?camera=${square}&at=${new Date(Date.now() - 8000).toISOString()}`);
    const video = "[data-testid=track] video";
    await page.locator(video).waitFor({ state: "attached", timeout: 20_000 });
    await until(async () => page.$eval(video, (v) => (v as HTMLVideoElement).readyState >= 2), 20_000);
    await page.getByTestId("play").click();
    await until(async () => (await shown(video)).frames > 20, 15_000);
    expect(off((await shown(video)).means)).toBeLessThan(40);
  }, 60_000);
});

describe("my e-bike stood here", () => {
  const TEST = { width: 640, height: 360, x: 180, y: 200, w: 120, h: 90 };

  /** When the e-bike went or came, taken from the recording by another program: the colours of that place, frame by frame. */
  async function changes(from: number, to: number): Promise<number[]> {
    const post = async (path: string, data?: unknown) => (await (await page.request.post(compound.base + path, { data, headers: { Origin: compound.base } })).json()) as { lease: string };
    const { lease } = await post("/api/looks", { camera: shed, kind: "export", stream: "sub", purpose: "evidence", from: new Date(from).toISOString(), to: new Date(to).toISOString() });
    const { files } = (await (await page.request.get(`${compound.base}/media/${lease}/export.json`)).json()) as { files: { url: string; from: string }[] };
    const out: number[] = [];
    for (const [i, file] of files.entries()) {
      const path = join(drawn.folder, `shed-${i}.mp4`);
      writeFileSync(path, await (await page.request.get(compound.base + file.url)).body());
      const text = execFileSync("ffmpeg", ["-v", "error", "-i", path, "-vf", `crop=${TEST.w}:${TEST.h}:${TEST.x}:${TEST.y},signalstats,metadata=print:key=lavfi.signalstats.SATAVG:file=-`, "-f", "null", "-"], { encoding: "utf8" });
      let was: boolean | undefined;
      for (const [, pts, colour] of text.matchAll(/pts_time:(\S+)\s+lavfi\.signalstats\.SATAVG=(\S+)/g)) {
        const there = Number(colour) > 20;
        if (was !== undefined && there !== was) out.push(Date.parse(file.from) + Number(pts) * 1000);
        was = there;
      }
    }
    await page.request.delete(`${compound.base}/api/looks/${lease}`, { headers: { Origin: compound.base } });
    return out;
  }

  async function search(from: number, to: number) {
    await page.goto(`${compound.base}/change?camera=${shed}&from=${from}&to=${to}`);
    const box = (await page.getByTestId("change-area").boundingBox())!;
    await page.locator("[data-testid=change-area] canvas:not(.blank)").waitFor({ timeout: 10_000 });
    await page.mouse.move(box.x + box.width * 0.28, box.y + box.height * 0.55);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.47, box.y + box.height * 0.82, { steps: 3 });
    await page.mouse.up();
    await page.getByTestId("change-begin").click();
    const said = page.getByTestId("change-outcome");
    await said.waitFor({ timeout: 20_000 });
    return { outcome: await said.getAttribute("data-outcome"), low: Number(await said.getAttribute("data-low")), high: Number(await said.getAttribute("data-high")) };
  }

  it("finds the moment it went, or came, to the key frame: the one at which the recording changes", async () => {
    await page.goto(`${compound.base}/about`);
    let end = 0; // of two halves that are all recorded
    await until(async () => {
      end = Date.now() - 3000;
      const from = new Date(end - 2 * HALF * 1000 - 1000).toISOString();
      const { spans } = (await (await page.request.get(`${compound.base}/api/cameras/${shed}/recordings?stream=sub&from=${from}`)).json()) as { spans: { from: string }[] };
      return spans.length > 0 && Date.parse(spans[0]!.from) <= end - 2 * HALF * 1000;
    }, 40_000);
    const times = (await changes(end - 2 * HALF * 1000, end)).filter((t) => t > end - 17_000 && t < end - 3000);
    const moment = times.at(-1)!;
    expect(moment, "the clip changes every twelve seconds").toBeGreaterThan(0);
    const found = await search(moment - 7300, moment + 2600);
    expect(found.outcome).toBe("found");
    // The last key frame before it and the first one after it, a second apart.
    expect(moment - found.low, JSON.stringify({ moment, ...found })).toBeGreaterThan(-FRAME);
    expect(found.high - moment, JSON.stringify({ moment, ...found })).toBeGreaterThan(-FRAME);
    expect(found.high - found.low).toBeLessThan(1500);
    const steps = await page.locator("[data-testid=change-steps] li").count();
    expect(steps).toBeGreaterThanOrEqual(4);
    await page.getByTestId("change-play").click();
    await page.locator("[data-testid=track]").waitFor();
    const before = await search(moment - 9500, moment - 1500);
    expect(before.outcome, "nothing changed there").toBe("same");
  }, 120_000);

  it("is dark when its look was taken back, and looks again when it is asked to", async () => {
    const operator = await openPage(browser);
    await signIn(operator.page, compound.base, "operator", [CHOSEN]);
    const end = Date.now() - 3000;
    await page.goto(`${compound.base}/change?camera=${shed}&from=${end - 8000}&to=${end}`);
    const picture = page.locator("[data-testid=change-area] canvas:not(.blank)");
    await picture.waitFor({ timeout: 10_000 });
    const looks = async () => ((await (await page.request.get(`${compound.base}/api/looks?active=true`)).json()) as { looks: { id: string; kind: string; camera: string }[] }).looks.filter((l) => l.kind === "playback" && l.camera === shed);
    // That of the story before may be ending just then.
    for (const { id } of await looks()) expect([204, 404]).toContain((await operator.page.request.delete(`${compound.base}/api/looks/${id}`, { headers: { Origin: compound.base } })).status());
    const again = page.getByTestId("change-again");
    await again.waitFor({ timeout: 5000 });
    expect(await picture.count()).toBe(0);
    await again.click();
    await picture.waitFor({ timeout: 10_000 });
    expect(await again.count()).toBe(0);
    await until(async () => (await looks()).length === 1, 20_000);
    await operator.context.close();
  }, 60_000);
});
