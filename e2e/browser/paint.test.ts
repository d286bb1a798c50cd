// How much has to come before the first meaningful picture of the pages that have to stand at once: a browser that has nothing
// of them yet, on a machine a quarter as fast. What is held against a page does not depend on what else the machine does: the
// script, the style and the requests before that picture. How long it took goes to the log: ROUNDS=9 npm run e2e -- paint.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound } from "./server";

const CHOSEN = "a-quiet-evening-7";
const ROUNDS = Number(process.env.ROUNDS ?? 1);
let compound: Compound;
let browser: Browser;
const signedIn: Record<string, Awaited<ReturnType<BrowserContext["storageState"]>>> = {};
let county = "";

beforeAll(async () => {
  compound = await startCompound(1, { city: true });
  browser = await launch();
  for (const who of ["city", "guard"]) {
    const { context, page } = await openPage(browser);
    await signIn(page, compound.base, who, [compound.passwords[who]!, CHOSEN]);
    if (who === "city") county = (await (await page.request.get(`${compound.base}/api/programme/city`)).json()).counties[0].county;
    signedIn[who] = await context.storageState();
    await context.close();
  }
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await compound?.stop();
});

interface Painted {
  /** Milliseconds from the click to a painted frame with the element in it. */
  ms: number;
  /** The element that may come later was there by then. */
  tooEarly: boolean;
  /** Bytes, as they are run. */
  script: number;
  style: number;
  requests: number;
  /** Addresses of the interface, in the order in which they were asked for. */
  asked: string[];
}

async function paint(path: string, who: string, what: string, later: string): Promise<Painted & { busy: number }> {
  const context = await browser.newContext({ storageState: signedIn[who], viewport: { width: 1440, height: 900 }, locale: "zh-CN" });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(
      ([wanted, below]) => {
        const look = () => {
          if (!document.querySelector(wanted!)) return requestAnimationFrame(look);
          const tooEarly = document.querySelector(below!) !== null;
          requestAnimationFrame(() => {
            const all = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
            const bytes = (end: string) => all.reduce((sum, e) => sum + (e.name.endsWith(end) ? e.decodedBodySize : 0), 0);
            const asked = all.map((e) => new URL(e.name)).filter((u) => u.pathname.startsWith("/api/")).map((u) => u.pathname + u.search);
            Object.assign(window, { painted: { ms: performance.now(), tooEarly, script: bytes(".js"), style: bytes(".css"), requests: all.length, asked } });
          });
        };
        requestAnimationFrame(look);
      },
      [what, later],
    );
    await page.goto(compound.base + path, { waitUntil: "commit" });
    const seen = await page.waitForFunction(() => (window as unknown as { painted?: Painted }).painted, undefined, { timeout: 60_000 });
    const painted = (await seen.jsonValue())!;
    const { metrics } = await cdp.send("Performance.getMetrics");
    await page.waitForSelector(later, { state: "attached", timeout: 60_000 });
    return { ...painted, busy: 1000 * metrics.find((m) => m.name === "TaskDuration")!.value };
  } finally {
    await context.close();
  }
}

const middle = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;

describe("before the first meaningful picture", () => {
  // The bounds are a tenth above what there was when they were set: who adds more decides it here.
  it.each([
    { name: "/city", who: "city", what: "[data-testid=city] .six .n", later: "#late", script: 446, style: 150, requests: 24 },
    { name: "/screen", who: "city", what: "[data-testid=screen-ranking] tbody tr", later: "[data-testid=screen] canvas", script: 446, style: 150, requests: 22 },
    { name: "/city/:county", who: "city", what: "[data-testid=county] .six .n", later: "[data-testid=compounds]", script: 446, style: 150, requests: 26 },
    { name: "/wall", who: "guard", what: "[data-testid=live-picture]", later: "[data-testid=live-picture]", script: 445, style: 130, requests: 22 },
  ])("of $name little has to come", { timeout: 120_000 }, async ({ name, who, what, later, script, style, requests }) => {
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await paint(name.replace(":county", county), who, what, later));
    const median = (of: (r: (typeof rounds)[number]) => number) => Math.round(middle(rounds.map(of)));
    const kb = { script: median((r) => r.script / 1024), style: median((r) => r.style / 1024) };
    console.log(`${name}: first meaningful picture at 4x: median ${median((r) => r.ms)} ms (${rounds.map((r) => Math.round(r.ms)).join(", ")}), processor ${median((r) => r.busy)} ms; ${kb.script} KB of script, ${kb.style} KB of style, ${median((r) => r.requests)} requests`);
    if (later !== what) expect(rounds.map((r) => r.tooEarly)).not.toContain(true);
    expect(kb.script).toBeLessThan(script);
    expect(kb.style).toBeLessThan(style);
    expect(median((r) => r.requests)).toBeLessThan(requests);
    // Nothing is asked for twice; but a camera that begins meanwhile is news, and the wall asks again.
    if (who === "city") for (const { asked } of rounds) expect(asked).toEqual([...new Set(asked)]);
  });
});
