// Every page, both languages, a desk and a phone: readable by machines that read pages aloud, nothing on the console,
// nothing wider than the screen.
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
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

const GUARD = ["/wall", "/kiosk", "/cameras", "/cameras/:id", "/playback?camera=:id", "/change?camera=:id", "/system/disks", "/system/holds", "/system/looks", "/system/ledger", "/password", "/about", "/nowhere"];
const OPERATOR = ["/cameras/new", "/cameras/:id/edit", "/cameras/import", "/cameras/devices", "/system/streams", "/system/ledger", "/system/journal", "/system/sessions", "/system/accounts", "/system/tokens", "/system/node", "/system/version"];

/** What of a page, or of a part of it, somebody who has it read aloud, or sees little, cannot use. */
async function unreadable(page: Page, part = "html"): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  return violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id} ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
}

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
    if (axe) found.push(...(await unreadable(page)).map((what) => `${path}: ${what}`));
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

  /** What is asked and answered on a page: the page, what opens it there, and what it is; a dialog where nothing else is said. */
  type Answer = [name: string, path: string, open: (page: Page) => Promise<unknown>, what?: string];
  const GUARD_ANSWERS: Answer[] = [
    ["keys", "/wall", (page) => page.keyboard.press("?")],
    [
      "marked",
      "/wall",
      async (page) => {
        await page.keyboard.press("m");
        await page.locator(".el-message").first().hover(); // it stays as long
      },
      ".el-message",
    ],
    ["end a hold", "/system/holds", (page) => page.locator("[data-testid=holds] button").first().click()],
    ["export", "/playback?camera=:id", (page) => page.getByTestId("export-open").click()],
    ["desktop player", "/cameras/:id", (page) => page.getByTestId("desktop").click()],
    ["change over", "/kiosk", (page) => page.getByTestId("change-over").click()],
  ];
  const OPERATOR_ANSWERS: Answer[] = [
    ["purpose", "/cameras/:id", (page) => page.getByTestId("purpose-reason").waitFor()],
    ["disable", "/cameras/:id/edit", (page) => page.getByTestId("camera-disable").click()],
    ["delete", "/cameras/:id/edit", (page) => page.getByTestId("camera-delete").click()],
    ["source test", "/cameras/:id/edit", (page) => page.getByTestId("source-test").click(), "[data-testid=source-report]"],
    [
      "import",
      "/cameras/import",
      (page) => page.getByTestId("import-file").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from("名称,区域,主码流地址\n西门,住户卧室,http://192.168.9.1/\n") }),
      ".panel:has([data-testid=import-problems])",
    ],
    ["device", "/cameras/devices", (page) => page.getByTestId("device-edit").first().click()],
    ["other way", "/about", (page) => page.getByTestId("way-add").click()],
    ["reset", "/system/accounts", (page) => page.locator("[data-testid=accounts] .acts button").first().click()],
    [
      "secret",
      "/system/tokens",
      async (page) => {
        await page.getByTestId("token-name").fill("prometheus");
        await page.locator(".cans .el-checkbox:not(.is-disabled)").first().click();
        await page.getByTestId("token-add").click();
        await page.getByTestId("secret").waitFor();
      },
    ],
  ];
  // Opened at a desk, and read there; then the desk becomes a phone.
  it.each([
    ["guard", "zh", GUARD_ANSWERS],
    ["operator", "en", OPERATOR_ANSWERS],
  ] as const)("ask and answer a %s readably, %s", async (who, language, answers) => {
    const { page, context, said } = await openPage(browser, { language });
    const found: string[] = [];
    await signIn(page, compound.base, who, [CHOSEN]);
    said.length = 0;
    let here = "";
    for (const [name, path, open, what = ".el-dialog, .el-message-box"] of answers) {
      if (path !== here) await page.goto(compound.base + path.replace(":id", camera));
      here = path;
      await page.locator("h1").first().waitFor({ state: "attached" });
      await open(page);
      const box = page.locator(what).filter({ visible: true }).first();
      for (const size of [WIDE, NARROW]) {
        await page.setViewportSize(size);
        await box.waitFor();
        if (what === ".el-message") await box.hover(); // it has moved from under the pointer
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map((a) => a.finished)));
        const { x, right, over } = await box.evaluate((e) => ({ ...e.getBoundingClientRect().toJSON(), over: e.scrollWidth - e.clientWidth }) as { x: number; right: number; over: number });
        if (over > 1) found.push(`${name}: ${over} px too wide inside on ${size.width}`);
        if (x < 0 || right > size.width) found.push(`${name}: from ${x} to ${right} px on ${size.width}`);
        await box.evaluate((e) => e.setAttribute("data-asks", ""));
        found.push(...(await unreadable(page, "[data-asks]")).map((one) => `${name}, ${size.width}: ${one}`));
        await box.evaluate((e) => e.removeAttribute("data-asks"));
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/asks-${name.replaceAll(" ", "-")}-${size.width}.png` });
      }
      await page.setViewportSize(WIDE);
      await page.keyboard.press("Escape");
      if (what.includes("dialog")) await box.waitFor({ state: "hidden" });
    }
    expect([...found, ...said]).toEqual([]);
    await context.close();
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
      expect(await unreadable(page)).toEqual([]);
      expect(said).toEqual([]);
      await context.close();
    }
  });
});
