// How long the city's page takes to its first meaningful picture: a browser that has nothing of it yet, on a machine a quarter as fast.
// The figures go to the log; what is held against the page is that the picture comes before what lies below the fold.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound } from "./server";

const CHOSEN = "a-quiet-evening-7";
/** One is enough to see that it works; to measure: ROUNDS=5 npm run e2e -- paint. */
const ROUNDS = Number(process.env.ROUNDS ?? 1);
let compound: Compound;
let browser: Browser;
let signedIn: Awaited<ReturnType<BrowserContext["storageState"]>>;

beforeAll(async () => {
  compound = await startCompound(1, { city: true });
  browser = await launch();
  const { context, page } = await openPage(browser);
  await signIn(page, compound.base, "city", [compound.passwords.city!, CHOSEN]);
  signedIn = await context.storageState();
  await context.close();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await compound?.stop();
});

/** Milliseconds from the click to a painted frame with the element in it, and whether the element `later` was there by then. */
async function paint(path: string, what: string, later: string): Promise<{ ms: number; tooEarly: boolean; script: number }> {
  const context = await browser.newContext({ storageState: signedIn, viewport: { width: 1440, height: 900 }, locale: "zh-CN" });
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(
      ([wanted, below]) => {
        const look = () => {
          if (!document.querySelector(wanted!)) return requestAnimationFrame(look);
          const tooEarly = document.querySelector(below!) !== null;
          requestAnimationFrame(() => Object.assign(window, { painted: { ms: performance.now(), tooEarly } }));
        };
        requestAnimationFrame(look);
      },
      [what, later],
    );
    await page.goto(compound.base + path, { waitUntil: "commit" });
    const seen = await page.waitForFunction(() => (window as unknown as { painted?: { ms: number; tooEarly: boolean } }).painted, undefined, { timeout: 60_000 });
    const { ms, tooEarly } = (await seen.jsonValue())!;
    await page.waitForSelector(later, { state: "attached", timeout: 60_000 });
    const script = await page.evaluate(() => performance.getEntriesByType("resource").reduce((sum, e) => sum + (e.name.endsWith(".js") ? (e as PerformanceResourceTiming).decodedBodySize : 0), 0));
    return { ms, tooEarly, script };
  } finally {
    await context.close();
  }
}

describe("the first meaningful picture", () => {
  it.each([
    ["/city", "[data-testid=city] .six .n", "#late"],
    ["/screen", "[data-testid=screen-ranking] tbody tr", "[data-testid=screen-ranking]"],
  ])("of %s", { timeout: 120_000 }, async (path, what, later) => {
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await paint(path, what, later));
    const times = rounds.map((r) => r.ms).sort((a, b) => a - b);
    console.log(`${path}: first meaningful picture at 4x: median ${Math.round(times[ROUNDS >> 1]!)} ms (${times.map(Math.round).join(", ")}), ${Math.round(rounds[0]!.script / 1024)} KB of script`);
    if (path === "/city") expect(rounds.map((r) => r.tooEarly)).not.toContain(true);
  });
});
