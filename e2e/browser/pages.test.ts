// Every page, both languages, a desk and a phone: readable by machines that read pages aloud, nothing on the console,
// nothing wider than the screen.
import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn, WIDE } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let camera = "";

beforeAll(async () => {
  compound = await startCompound(4);
  browser = await launch();
  for (const who of ["guard", "operator"]) {
    const { page, context } = await openPage(browser);
    await signIn(page, compound.base, who, [compound.passwords[who]!, CHOSEN]);
    const { cameras } = (await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string }[] };
    camera = cameras[0]!.id;
    await context.close();
  }
});

afterAll(async () => {
  await browser?.close();
  await compound?.stop();
});

const GUARD = ["/wall", "/kiosk", "/cameras", "/cameras/:id", "/playback?camera=:id", "/change?camera=:id", "/system/disks", "/system/holds", "/system/looks", "/password", "/about", "/nowhere"];
const OPERATOR = ["/cameras/new", "/cameras/:id/edit", "/cameras/import", "/cameras/devices", "/system/streams", "/system/journal", "/system/sessions", "/system/accounts", "/system/tokens", "/system/node", "/system/version"];

async function visit(who: string, paths: string[], size: typeof WIDE, language: string, axe: boolean): Promise<string[]> {
  const { page, context, said } = await openPage(browser, { size, language });
  const found: string[] = [];
  await signIn(page, compound.base, who, [CHOSEN]);
  said.length = 0;
  for (const path of paths) {
    await page.goto(compound.base + path.replace(":id", camera));
    await page.locator("h1").first().waitFor({ state: "attached" });
    await until(async () => (await page.locator("[aria-busy=true]").count()) === 0, 8000).catch(() => found.push(`${path}: never ready`));
    await page.waitForTimeout(300);
    // The document never scrolls: what is too wide shows in the part of it that does.
    const [wide, there] = await page.evaluate(() => [Math.max(document.documentElement.scrollWidth, document.getElementById("main")!.scrollWidth), window.innerWidth]);
    if (wide! > there! + 1) found.push(`${path}: ${wide} px wide on ${there}`);
    if (!axe) continue;
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const v of violations) {
      if (v.impact === "serious" || v.impact === "critical") found.push(`${path}: ${v.id} ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
    }
  }
  await context.close();
  return [...found, ...said];
}

describe("the pages", () => {
  // Both languages stand in the same places: axe reads the one on a desk, and the other on a phone.
  for (const language of ["zh", "en"]) {
    it(`guard, ${language}`, async () => expect(await visit("guard", GUARD, WIDE, language, language === "zh")).toEqual([]), 120_000);
    it(`operator, ${language}`, async () => expect(await visit("operator", OPERATOR, WIDE, language, language === "zh")).toEqual([]), 120_000);
  }
  it("fit on a phone", async () => {
    expect(await visit("guard", GUARD, NARROW, "en", true)).toEqual([]);
    expect(await visit("operator", OPERATOR, NARROW, "en", true)).toEqual([]);
  }, 180_000);

  it("begins anew by itself when the server went away between the page and its code", async () => {
    const { page, context } = await openPage(browser);
    let down = true;
    await page.route(/\/assets\/frame.*\.js$/, (route) => (down ? route.abort() : route.continue()));
    await page.route("**/readyz", (route) => (down ? route.abort() : route.continue()));
    await page.clock.install();
    await page.goto(`${compound.base}/signin`);
    const tried = page.waitForEvent("requestfailed", (r) => r.url().endsWith("/readyz"));
    await page.clock.runFor(3100);
    await tried;
    expect(await page.locator("#app").innerText()).toBe("");
    down = false;
    await page.clock.runFor(3100);
    await page.getByTestId("signin-enter").waitFor();
    await context.close();
  });

  it("sign-in is readable, and plain in both languages", async () => {
    for (const language of ["zh", "en"]) {
      const { page, context, said } = await openPage(browser, { language });
      await page.goto(`${compound.base}/signin`);
      await page.getByTestId("signin-enter").waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id} ${v.nodes[0]?.target}`)).toEqual([]);
      expect(said).toEqual([]);
      await context.close();
    }
  });
});
