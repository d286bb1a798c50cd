// Whoever sits down here for the first time: what the pages speak, where the names stand, and what a form says when it is
// sent too early.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
const MANY = 12;
let compound: Compound;
let browser: Browser;
const states: Record<string, Awaited<ReturnType<typeof enter>>> = {};

async function enter(who: string) {
  const { page, context } = await openPage(browser);
  await signIn(page, compound.base, who, [compound.passwords[who]!, CHOSEN]);
  const state = await context.storageState();
  await context.close();
  return state;
}

beforeAll(async () => {
  compound = await startCompound(MANY);
  browser = await launch();
  for (const who of ["guard", "operator"]) states[who] = await enter(who);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await compound?.stop();
});

describe("the first language", () => {
  for (const [locale, word] of [
    ["en-US", "Sign in"],
    ["zh-CN", "登录"],
    ["de-DE", "登录"],
  ]) {
    it(`of a browser in ${locale} is ${word}`, async () => {
      const context = await browser.newContext({ locale });
      const page = await context.newPage();
      await page.goto(`${compound.base}/signin`);
      await until(async () => (await page.getByTestId("signin-enter").innerText()).trim() === word);
      await context.close();
    });
  }
});

describe("the time of a thing", () => {
  it("is that of the compound, wherever the browser stands", async () => {
    const context = await browser.newContext({ timezoneId: "America/New_York", locale: "zh-CN", storageState: states.operator });
    const page = await context.newPage();
    await page.goto(`${compound.base}/system/sessions`);
    await page.getByTestId("sessions").waitFor();
    const { sessions } = (await (await page.request.get(`${compound.base}/api/sessions`)).json()) as { sessions: { begun: string; current: boolean }[] };
    const begun = new Date(Date.parse(sessions.find((s) => s.current)!.begun) + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
    expect(await page.getByTestId("sessions").innerText()).toContain(begun);
    await context.close();
  });
});

describe("the wall", () => {
  it("shows cameras as the recorder counts them, and names them below their pictures", async () => {
    const { page, context } = await openPage(browser, { state: states.guard });
    await page.goto(`${compound.base}/wall`);
    await page.getByTestId("layout-16").click();
    await until(async () => (await page.getByTestId("tile").count()) === MANY);
    const names = await page.$$eval("[data-testid=tile] .name", (all) => all.map((e) => e.textContent));
    expect(names.slice(0, 5)).toEqual(["大门", "中心道路", "停车场", "休闲广场", "大门 2"]);
    expect(names[MANY - 1]).toBe("休闲广场 3");
    const over = await page.$$eval("[data-testid=tile]", (all) =>
      all.map((e) => e.querySelector("footer")!.getBoundingClientRect().top - e.querySelector("video")!.getBoundingClientRect().bottom),
    );
    for (const gap of over) expect(gap).toBeGreaterThanOrEqual(-0.5);
    await context.close();
  });

  it("keeps its keys after somebody has clicked another language", async () => {
    const { page, context } = await openPage(browser, { state: states.guard });
    await page.goto(`${compound.base}/wall`);
    await page.locator("[data-testid=wall-grid]").waitFor();
    await page.getByTestId("lang-en").click();
    await page.keyboard.press("3");
    await page.locator("[data-testid=wall-grid][data-layout='9']").waitFor();
    await page.keyboard.press("ArrowRight");
    const chosen = await page.locator(".tile.selected").getAttribute("data-camera");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/cameras/${chosen}`);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await context.close();
  });
});

describe("a phone", () => {
  it("plays two cameras one below the other, each as wide as the screen", async () => {
    const { page, context } = await openPage(browser, { size: NARROW, state: states.guard });
    const { cameras } = (await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string }[] };
    await page.goto(`${compound.base}/playback?camera=${cameras[0]!.id},${cameras[1]!.id}&at=${new Date(Date.now() - 3000).toISOString()}`);
    await until(async () => (await page.getByTestId("track").count()) === 2);
    const [one, two] = await page.$$eval("[data-testid=track]", (all) => all.map((e) => e.getBoundingClientRect().toJSON() as DOMRect));
    expect(one!.width).toBe(NARROW.width);
    expect(one!.height).toBeGreaterThan((NARROW.width * 9) / 16);
    expect(two!.top).toBeGreaterThanOrEqual(one!.bottom);
    expect(two!.width).toBe(NARROW.width);
    await context.close();
  });
});

describe("a form sent too early", () => {
  it("names each line that is wrong, and leads there", async () => {
    const { page, context } = await openPage(browser, { state: states.operator, language: "en" });
    await page.goto(`${compound.base}/cameras/new`);
    await page.getByTestId("f-name").fill("北门");
    await page.getByTestId("camera-save").click();
    const bad = page.getByTestId("problem-field");
    await bad.first().waitFor();
    const said = await bad.allInnerTexts();
    expect(said).toContain("Where it stands");
    expect(said).not.toContain("Name");
    expect((await page.getByTestId("problem").innerText()).match(/This is needed\./g)?.length).toBeGreaterThan(2);
    // The first of them already has the cursor.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("f-main");
    await page.getByTestId("problem").getByText("Where it stands").click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("f-area");
    await context.close();
  });
});
