// The PC that stands in many gatehouses: a browser of 2020, and a server that is reached by plain http under a name of the
// house. What came after Chromium 86 is taken away before the pages run.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARGS, launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];
let base = "";

/** Runs in the page. Each line: since when. */
function takeAway() {
  const drop = (from: object, ...names: string[]) => {
    for (const name of names) delete (from as Record<string, unknown>)[name];
  };
  drop(Array.prototype, "at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with", "group", "groupToMap"); // 92 to 117
  drop(Array, "fromAsync"); // 121
  drop(String.prototype, "at", "isWellFormed", "toWellFormed"); // 92, 111
  for (const kind of [Uint8Array, Float32Array]) drop(Object.getPrototypeOf(kind.prototype) as object, "at", "findLast", "findLastIndex", "toSorted", "toReversed", "with");
  drop(Object, "hasOwn", "groupBy"); // 93, 117
  drop(Map, "groupBy"); // 117
  drop(Set.prototype, "union", "intersection", "difference", "isSubsetOf"); // 122
  drop(Promise, "withResolvers", "try"); // 119, 128
  drop(AbortSignal, "timeout", "any", "abort"); // 93 to 116
  drop(AbortSignal.prototype, "throwIfAborted", "reason"); // 100, 98
  drop(window, "structuredClone", "scheduler", "navigation", "reportError", "Iterator"); // 98, 94, 102, 95, 122
  drop(window, "VideoDecoder", "VideoEncoder", "VideoFrame", "ImageDecoder", "EncodedVideoChunk", "MediaStreamTrackProcessor", "RTCRtpScriptTransform"); // 94 and later
  drop(Intl, "Segmenter"); // 87
  drop(Crypto.prototype, "randomUUID"); // 92
  drop(Navigator.prototype, "userAgentData"); // 90
  drop(Element.prototype, "checkVisibility", "setHTMLUnsafe"); // 105, 124
  drop(HTMLElement.prototype, "showPopover", "hidePopover", "togglePopover"); // 114
  drop(Document.prototype, "startViewTransition"); // 111
  drop(URL, "canParse", "parse"); // 120, 126
  drop(MediaSource as unknown as object, "canConstructInDedicatedWorker"); // 108
}

// What a style sheet of 2020 does not know.
const YOUNGER = /:has\(|:is\(|:where\(|\binset(-inline|-block)?:|aspect-ratio:|@container|@layer|color-mix\(|accent-color:|\d[sdl]v[hw]\b|overflow:clip|@property|translate:|scrollbar-gutter|text-wrap:/;

beforeAll(async () => {
  compound = await startCompound(4, { city: true });
  base = compound.base.replace("127.0.0.1", "gatehouse.lan");
  const rules = "--host-resolver-rules=";
  const args = ARGS.map((a: string) => (a.startsWith(rules) ? `${rules}MAP gatehouse.lan 127.0.0.1` : a));
  browser = await launch({ args });
  ({ context, page, said } = await openPage(browser));
  await context.addInitScript(takeAway);
}, 180_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

const playing = async () => {
  const phases = await page.$$eval("[data-testid=live-picture]", (all) => all.map((e) => `${(e as HTMLElement).dataset.phase} ${(e as HTMLElement).dataset.way}`));
  return phases.length > 0 && phases.every((p) => p === "playing whep");
};

describe("an old browser on plain http", () => {
  it("is warned at the door, signs in, and sees the wall over WHEP", async () => {
    await page.goto(`${base}/signin`);
    expect(await page.evaluate(() => [window.isSecureContext, "at" in Array.prototype && Array.prototype.at.toString().includes("native")])).toEqual([false, false]);
    await page.getByText("明文 http").waitFor();
    await signIn(page, base, "guard", [compound.passwords.guard!, CHOSEN]);
    await until(playing, 20_000, () => said.join());
    const frames = () => page.$$eval("video", (all) => all.map((v) => v.getVideoPlaybackQuality().totalVideoFrames));
    const before = await frames();
    await page.waitForTimeout(2000);
    for (const [i, n] of (await frames()).entries()) expect(n - before[i]!).toBeGreaterThan(15);
  }, 60_000);

  it("opens every page without an error", async () => {
    const { cameras } = (await (await page.request.get(`${compound.base}/api/cameras`, { headers: { Cookie: (await context.cookies()).map((c) => `${c.name}=${c.value}`).join("; ") } })).json()) as { cameras: { id: string }[] };
    const id = cameras[0]!.id;
    for (const path of ["/kiosk", "/cameras", `/cameras/${id}`, `/playback?camera=${id}&at=${new Date(Date.now() - 5000).toISOString()}`, `/change?camera=${id}`, "/system/disks", "/system/looks", "/about"]) {
      await page.goto(base + path);
      await page.locator("h1").first().waitFor({ state: "attached" });
      await page.waitForTimeout(800);
    }
    await page.goto(`${base}/system/version`);
    await page.getByText("明文 http").first().waitFor();
    expect(said).toEqual([]);
  }, 60_000);

  it("opens the programme's pages, as the city's office", async () => {
    const own = await openPage(browser);
    await own.context.addInitScript(takeAway);
    await signIn(own.page, base, "city", [compound.passwords.city!, CHOSEN]);
    const { inspections } = await own.page.evaluate(async () => (await (await fetch("/api/inspections?limit=1")).json()) as { inspections: { id: string }[] });
    for (const path of ["/city", "/screen", "/lists", "/tasks", "/tasks/list", "/inbox", `/field/${inspections[0]!.id}`]) {
      await own.page.goto(base + path);
      await own.page.locator("h1").first().waitFor({ state: "attached" });
      await until(async () => (await own.page.locator("[aria-busy=true]").count()) === 0, 15_000);
      if (path === "/city") await own.page.getByTestId("late-rows").locator("li").first().waitFor();
      if (path === "/screen") await own.page.locator(".chart canvas").waitFor();
      await own.page.waitForTimeout(800);
    }
    expect(own.said.filter((line) => !line.includes("403"))).toEqual([]); // whose inspection it is fills it in
    await own.context.close();
  }, 120_000);

  it("gets no style that it does not know", async () => {
    const sheets = await page.evaluate(() => performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.endsWith(".css")));
    const styles = await Promise.all([...new Set(sheets)].map(async (url) => (await fetch(url.replace("gatehouse.lan", "127.0.0.1"))).text()));
    expect(styles.join("").length).toBeGreaterThan(10_000);
    expect(YOUNGER.exec(styles.join("\n"))).toBeNull();
  });
});
