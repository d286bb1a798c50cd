// The time bar under fingers: two of them pinch, one drags from now into the past and back.
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];
let cdp: CDPSession;
let camera = "";

beforeAll(async () => {
  compound = await startCompound(1);
  const begun = Date.now();
  browser = await launch();
  const first = await openPage(browser);
  await signIn(first.page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
  const state = await first.context.storageState();
  await first.context.close();
  ({ context, page, said } = await openPage(browser, { size: NARROW, state, touch: true }));
  cdp = await context.newCDPSession(page);
  camera = ((await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string }[] }).cameras[0]!.id;
  await until(() => Date.now() - begun > 20_000, 30_000); // there has to be a past
}, 60_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

const bar = async () => (await page.getByTestId("timeline").boundingBox())!;
const view = () =>
  page.getByTestId("timeline").evaluate((e) => {
    const [from, to] = ["aria-valuemin", "aria-valuemax"].map((name) => Number(e.getAttribute(name)));
    return { from: from!, to: to!, span: to! - from! };
  });
const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: [number, number][]) =>
  cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
const phase = () => page.getByTestId("live-picture").getAttribute("data-phase");

describe("two fingers on the bar", () => {
  it("come closer as they part, around the time between them, and go away again", async () => {
    await page.goto(`${compound.base}/playback?camera=${camera}&at=${new Date(Date.now() - 5000).toISOString()}`);
    await page.getByTestId("track").waitFor();
    await page.getByTestId("view-six").click();
    await until(async () => Math.abs((await view()).span - 6 * 3_600_000) < 60_000);
    const { x, y, width } = await bar();
    const row = y + 40;
    const middle = x + width * 0.4;
    const before = await view();
    await touch("touchStart", [middle - 30, row], [middle + 30, row]);
    for (let d = 35; d <= 120; d += 5) await touch("touchMove", [middle - d, row], [middle + d, row]);
    await until(async () => (await view()).span < before.span * 0.3);
    const near = await view();
    expect(near.span / before.span).toBeCloseTo(30 / 120, 1);
    const under = (v: typeof before) => v.from + 0.4 * v.span;
    expect(Math.abs(under(near) - under(before)) / near.span).toBeLessThan(0.03);
    for (let d = 115; d >= 40; d -= 5) await touch("touchMove", [middle - d, row], [middle + d, row]);
    await until(async () => (await view()).span > before.span * 0.6);
    await touch("touchEnd");
    // Neither finger was meant to go anywhere: nothing plays, and the page did not zoom.
    expect(await page.evaluate(() => window.visualViewport!.scale)).toBe(1);
    expect(await page.evaluate(() => document.querySelector("video")!.paused)).toBe(true);
  });
});

describe("a scrub on the main stream", () => {
  it("shows pictures of the sub stream while the film stands", async () => {
    await page.goto(`${compound.base}/playback?camera=${camera}&at=${new Date(Date.now() - 6000).toISOString()}`);
    await page.locator("[data-testid=track][data-stream=main]").waitFor();
    await until(() => page.$eval("[data-testid=track] video", (v) => (v as HTMLVideoElement).readyState >= 2 && (v as HTMLVideoElement).videoWidth === 1280), 20_000);
    await page.getByTestId("timeline").focus();
    for (let i = 0; i < 20 && (await view()).span > 90_000; i++) await page.keyboard.press("+");
    const v = await view();
    const { x, y, width } = await bar();
    const at = (t: number) => x + ((t - v.from) / v.span) * width;
    const asked: { kind: string; stream: string }[] = [];
    page.on("request", (r) => {
      if (r.method() === "POST" && r.url().endsWith("/api/looks")) asked.push(r.postDataJSON() as { kind: string; stream: string });
    });
    /** What stands on the canvas: its size, and its brightness in small squares. */
    const still = () =>
      page.$eval("[data-testid=track] canvas", (e) => {
        const canvas = e as HTMLCanvasElement;
        const small = document.createElement("canvas");
        small.width = small.height = 12;
        const ctx = small.getContext("2d")!;
        ctx.drawImage(canvas, 0, 0, 12, 12);
        const bytes = ctx.getImageData(0, 0, 12, 12).data;
        const squares = Array.from({ length: 144 }, (_, i) => bytes[4 * i]! + bytes[4 * i + 1]! + bytes[4 * i + 2]!);
        return { seen: getComputedStyle(canvas).visibility === "visible", width: canvas.width, spread: Math.max(...squares) - Math.min(...squares) };
      });
    expect((await still()).seen).toBe(false);
    const now = Date.now();
    await touch("touchStart", [at(now - 6000), y + 40]);
    for (let i = 1; i <= 8; i++) await touch("touchMove", [at(now - 6000 - i * 1000), y + 40]);
    await until(async () => {
      const { seen, width: w, spread } = await still();
      return seen && w === 640 && spread > 60; // the sub stream is 640 wide, the main one would be 960 here
    }, 10_000, () => JSON.stringify(asked));
    expect(asked.some((a) => a.kind === "playback" && a.stream === "sub")).toBe(true);
    expect(await page.$eval("[data-testid=track] video", (v) => (v as HTMLVideoElement).paused && (v as HTMLVideoElement).videoWidth === 1280)).toBe(true);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/scrub.png` });
    await touch("touchEnd");
    await until(async () => !(await still()).seen);
  }, 60_000);
});

describe("one finger", () => {
  it("drags from now into the past: stills on the way, then it plays; and back to now it is live", async () => {
    await page.goto(`${compound.base}/cameras/${camera}`);
    await until(async () => (await phase()) === "playing", 20_000);
    await page.getByTestId("timeline").scrollIntoViewIfNeeded();
    const { x, y, width } = await bar();
    // Close enough that seconds are wide.
    const now = Date.now();
    await page.getByTestId("timeline").focus();
    for (let i = 0; i < 14 && (await view()).span > 120_000; i++) await page.keyboard.press("+");
    const v = await view();
    const at = (t: number) => x + ((t - v.from) / v.span) * width;
    const row = y + 40;
    const [begin, end] = [at(Date.now() - 500), at(now - 12_000)];
    expect(end).toBeGreaterThan(x);
    await touch("touchStart", [begin, row]);
    for (let i = 1; i <= 10; i++) await touch("touchMove", [begin + ((end - begin) * i) / 10, row]);
    await page.getByTestId("track").waitFor();
    expect(await page.getByTestId("live-picture").count()).toBe(0);
    await touch("touchEnd");
    const frames = () => page.$eval("[data-testid=track] video", (e) => (e as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
    await until(async () => (await frames()) > 10, 15_000);
    const wall = Number(await page.getByTestId("play-time").getAttribute("data-wall"));
    expect(Math.abs(wall - (now - 12_000))).toBeLessThan(12_000);

    const w = await view();
    const box = await bar();
    const to = (t: number) => box.x + Math.min(0.995, (t - w.from) / w.span) * box.width;
    const row2 = box.y + 40;
    const [here, live] = [to(Number(await page.getByTestId("play-time").getAttribute("data-wall"))), to(Date.now() + 2000)];
    await touch("touchStart", [here, row2]);
    for (let i = 1; i <= 10; i++) await touch("touchMove", [here + ((live - here) * i) / 10, row2]);
    await touch("touchEnd");
    await until(async () => (await phase().catch(() => null)) === "playing", 20_000);
    expect(await page.getByTestId("track").count()).toBe(0);
  }, 90_000);

  it("said nothing on the console", () => expect(said).toEqual([]));
});
