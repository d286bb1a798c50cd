// A month of eight cameras that were interrupted every few minutes: tens of thousands of spans on the time bar, on a machine
// a quarter as fast. The server's answers are made here; the page is the real one.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A run of ten minutes, then half a minute of nothing. */
const EVERY = 10.5 * MINUTE;
const FRAME = 1000 / 60;
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let ids: string[];
let spansTold = 0;

beforeAll(async () => {
  compound = await startCompound(8);
  browser = await launch();
  ({ context, page } = await openPage(browser));
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
  ids = ((await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string }[] }).cameras.map((c) => c.id);
  const iso = (t: number) => new Date(t).toISOString();
  const within = (url: string) => {
    const asked = new URL(url).searchParams;
    const now = Date.now();
    const from = Math.max(Date.parse(asked.get("from") ?? ""), now - 30 * DAY);
    const to = Math.min(Date.parse(asked.get("to") ?? iso(now)), now);
    const starts: number[] = [];
    for (let t = Math.ceil(from / EVERY) * EVERY; t < to; t += EVERY) starts.push(t);
    return { asked, from, to, starts };
  };
  await page.route(/\/api\/cameras\/[^/]+\/recordings/, (route) => {
    const { asked, from, to, starts } = within(route.request().url());
    spansTold += starts.length;
    const spans = starts.map((t, i) => ({ from: iso(t), to: iso(t + 10 * MINUTE), stream: asked.get("stream") ?? "main", run: t, codecs: ["avc1.640028"], bytes: 150e6, unconfirmed: i % 40 === 0 }));
    const gaps = starts.map((t) => ({ from: iso(t + 10 * MINUTE), to: iso(t + EVERY), reason: "摄像机无法连接" }));
    const holds = starts.filter((_, i) => i % 50 === 0).map((t, i) => ({ id: String(i), from: iso(t), to: iso(t + 8 * MINUTE), reason: "事件", until: iso(t + 90 * DAY) }));
    return route.fulfill({ json: { from: iso(from), to: iso(to), spans, gaps, holds } });
  });
  await page.route(/\/api\/cameras\/[^/]+\/outages/, (route) => {
    const { starts } = within(route.request().url());
    return route.fulfill({ json: { outages: starts.map((t) => ({ from: iso(t + 10 * MINUTE), until: iso(t + EVERY), says: "摄像机无法连接", state: "unreachable" })) } });
  });
  await page.route(/\/api\/cameras\/[^/]+\/activity/, (route) => {
    const { asked, from, to } = within(route.request().url());
    const step = Number.parseInt(asked.get("step")!, 10) * 1000;
    const steps = [];
    for (let t = Math.floor(from / step) * step; t < to; t += step) steps.push({ start: iso(t), bytes: ((Math.sin(t / 7e6) + 1.2) * 200_000 * step) / 1000 });
    return route.fulfill({ json: { stream: "main", step_seconds: step / 1000, steps } });
  });
  await page.goto(`${compound.base}/playback?camera=${ids.join(",")}&at=${iso(Date.now() - 2 * DAY)}`);
  await page.getByTestId("view-week").click();
}, 60_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

const view = () => page.getByTestId("timeline").evaluate((e) => Number(e.getAttribute("aria-valuemax")) - Number(e.getAttribute("aria-valuemin")));

interface Traced {
  name: string;
  cat: string;
  dur?: number;
  tdur?: number;
  tid: number;
  ts: number;
}

/** What each frame's script and style cost on the page's main thread, in milliseconds, longest first. */
async function frames(during: () => Promise<void>): Promise<number[]> {
  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  await during();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Traced[] };
  return traceEvents
    .filter((e) => e.name === "FireAnimationFrame")
    .map((e) => (e.tdur ?? e.dur ?? 0) / 1000)
    .sort((a, b) => b - a);
}

describe("a month of spans", () => {
  it("is panned and zoomed at the pace of the screen, at a quarter of the speed", async () => {
    const { x, y, width } = (await page.getByTestId("timeline").boundingBox())!;
    const [middle, scale] = [x + width / 2, y + 10];
    await page.mouse.move(middle, scale);
    for (let i = 0; i < 20 && (await view()) < 29 * DAY; i++) await page.mouse.wheel(0, 150);
    expect(await view()).toBeGreaterThan(29 * DAY);
    await until(() => spansTold > 8 * 4000, 20_000);
    await page.waitForTimeout(2000);
    const cdp = await context.newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const cost = await frames(async () => {
      await page.mouse.move(middle, scale);
      await page.mouse.down();
      for (let i = 0; i < 30; i++) await page.mouse.move(middle + 200 * Math.sin(i / 9), scale);
      await page.mouse.up();
      for (let i = 0; i < 30; i++) await page.mouse.wheel(0, i % 20 < 10 ? -40 : 40);
    });
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const share = (p: number) => cost[Math.floor(cost.length * (1 - p))]!.toFixed(1);
    console.info(`${cost.length} frames; script per frame at 4× throttle: median ${share(0.5)} ms, 95 % ${share(0.95)} ms, longest ${cost[0]!.toFixed(1)} ms`);
    expect(cost.length).toBeGreaterThan(20);
    // On a machine that does nothing else it is below one; with others' work between, a walk through the spans is nine.
    expect(Number(share(0.5))).toBeLessThan(2 * FRAME);
  }, 240_000);
});
