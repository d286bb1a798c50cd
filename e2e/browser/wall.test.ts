// A wall of sixteen, and the screen that a gatehouse PC boots into.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, fault, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
const MANY = 16;
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];

beforeAll(async () => {
  compound = await startCompound(MANY);
  browser = await launch();
  ({ context, page, said } = await openPage(browser, { size: { width: 1920, height: 1080 } }));
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
}, 60_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

interface Picture {
  phase: string;
  way: string;
  frames: number;
}
const pictures = () =>
  page.$$eval("[data-testid=live-picture]", (all) =>
    all.map((e) => {
      const { phase, way } = (e as HTMLElement).dataset;
      return { phase, way, frames: e.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0 } as Picture;
    }),
  );
const allPlay = async () => {
  const now = await pictures();
  return now.length === MANY && now.every((p) => p.phase === "playing" && p.way === "whep");
};
const order = () => page.$$eval("[data-testid=tile]", (all) => all.map((e) => (e as HTMLElement).dataset.camera!));
const holds = async () => ((await (await page.request.get(`${compound.base}/api/holds`)).json()) as { holds: { camera: string }[] }).holds;
/** A page that was not loaded anew still has what was written on it. */
const notLoadedAnew = () => page.evaluate(() => (window as { mark?: boolean }).mark === true);

describe("a wall of sixteen", () => {
  it("has grown by itself to show them all, as nobody chose a layout, and plays them over WHEP: frames of each advance", async () => {
    await page.locator("[data-testid=wall-grid][data-layout='16']").waitFor();
    await until(allPlay, 40_000, () => JSON.stringify(said));
    const before = await pictures();
    await page.waitForTimeout(3000);
    for (const [i, p] of (await pictures()).entries()) expect(p.frames - before[i]!.frames, `picture ${i}`).toBeGreaterThan(10);
  }, 60_000);

  it("is arranged by dragging, for the account, and a picture that moves goes on playing", async () => {
    const [first, , , , , sixth] = await order();
    await page.evaluate(() => Object.assign(window, { mark: true }));
    const playing = await page.$(`[data-camera="${first}"] video`);
    await page.locator("[data-testid=tile]").nth(0).dragTo(page.locator("[data-testid=tile]").nth(5));
    expect([(await order())[0], (await order())[5]]).toEqual([sixth, first]);
    expect(await playing!.evaluate((v) => v.isConnected)).toBe(true);
    expect((await pictures()).every((p) => p.phase === "playing")).toBe(true);
    await until(async () => ((await (await page.request.get(`${compound.base}/api/preferences/wall`)).json()) as { value?: { order?: string[] } }).value?.order?.[5] === first);
    await page.reload();
    await page.locator("[data-testid=wall-grid][data-layout='16']").waitFor();
    expect([(await order())[0], (await order())[5]]).toEqual([sixth, first]);
  });

  it("fills the screen, and what it says is seen there; M without a choice keeps every picture", async () => {
    await until(allPlay, 40_000);
    await page.keyboard.press("f");
    await page.locator("header.head").waitFor({ state: "detached" });
    await page.keyboard.press("m");
    const message = page.locator(".el-message");
    await message.first().waitFor();
    expect(await message.first().evaluate((e) => document.fullscreenElement?.contains(e))).toBe(true);
    await until(async () => (await holds()).length === MANY);
    expect(new Set((await holds()).map((h) => h.camera)).size).toBe(MANY);
    // A slip of the hand is taken back beside what was said, or by the key beside the one that was pressed.
    await page.getByTestId("mark-undo").click();
    await until(async () => (await holds()).length === 0);
    await page.keyboard.press("m");
    await page.getByTestId("mark-undo").last().waitFor(); // the message of the one before may be fading still
    await until(async () => (await holds()).length === MANY);
    await page.keyboard.press("u");
    await until(async () => (await holds()).length === 0);
    await page.getByText("标记已撤销，留存已解除").last().waitFor();
    await page.evaluate(() => document.exitFullscreen());
    await page.locator("header.head").waitFor();
  }, 120_000);
});

describe("the focus layout", () => {
  it("has one large picture and seven small ones, all playing", async () => {
    await page.keyboard.press("5");
    await page.locator("[data-testid=wall-grid][data-layout=focus]").waitFor();
    await until(async () => {
      const now = await pictures();
      return now.length === 8 && now.every((p) => p.phase === "playing");
    }, 40_000);
    const sizes = await page.$$eval("[data-testid=tile]", (all) => all.map((e) => e.getBoundingClientRect()).map((r) => ({ x: r.x, y: r.y, w: r.width, h: r.height })));
    const [large, ...small] = sizes;
    for (const s of small) {
      expect(Math.abs(large!.w / s.w - 3), "three times as wide").toBeLessThan(0.1);
      expect(Math.abs(large!.h / s.h - 3), "three times as high").toBeLessThan(0.1);
      expect(s.x >= large!.x + large!.w || s.y >= large!.y + large!.h, "beside it or below").toBe(true);
    }
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/focus.png` });
    // What is large is chosen by hand: a small one carried there takes its place.
    const second = (await order())[1];
    await page.locator("[data-testid=tile]").nth(1).dragTo(page.locator("[data-testid=tile]").nth(0));
    expect((await order())[0]).toBe(second);
    expect((await page.locator(`[data-testid=tile][data-camera="${second}"]`).boundingBox())!.width).toBeGreaterThan(small[0]!.w * 2.8);
    await page.keyboard.press("4");
    await page.locator("[data-testid=wall-grid][data-layout='16']").waitFor();
  }, 60_000);
});

describe("the gatehouse screen", () => {
  it("says what is wrong and whom to call, lets a red camera alone, and shows it again by itself", async () => {
    await page.goto(`${compound.base}/kiosk?layout=16`);
    await until(allPlay, 40_000);
    await page.evaluate(() => Object.assign(window, { mark: true }));
    await fault(compound, 3, "drop", 18);
    const down = page.getByTestId("camera-down");
    await down.waitFor({ timeout: 30_000 });
    expect(await down.innerText()).toMatch(/无法连接|画面停滞|无画面/);
    expect(await page.getByTestId("tile-call").innerText()).toContain("8001");
    expect(await page.getByTestId("kiosk").locator("> footer").innerText()).toContain("故障 1 路");
    const looks = async () => ((await (await page.request.get(`${compound.base}/api/looks`)).json()) as { looks: unknown[] }).looks.length;
    const asked = await looks();
    await page.waitForTimeout(4000);
    expect(await looks()).toBe(asked);
    expect((await pictures()).filter((p) => p.phase === "playing").length).toBe(MANY - 1);
    await until(allPlay, 60_000);
    expect(await notLoadedAnew()).toBe(true);
  }, 150_000);

  it("comes back by itself when the server was restarted", async () => {
    await compound.end();
    await until(async () => (await pictures()).every((p) => p.phase !== "playing"), 20_000);
    await page.waitForTimeout(1000);
    await compound.begin();
    await until(allPlay, 90_000, () => JSON.stringify(said.slice(-5)));
    expect(await notLoadedAnew()).toBe(true);
  }, 150_000);

  it("turns its pages by itself where it was told to", async () => {
    await page.goto(`${compound.base}/kiosk?layout=4&turn=5`);
    await until(async () => (await order()).length === 4, 20_000);
    const seen: string[][] = [];
    await until(async () => {
      const now = await order();
      if (seen.at(-1)?.join() !== now.join()) seen.push(now);
      return seen.length >= 3;
    }, 20_000);
    expect(new Set(seen.slice(0, 3).flat()).size, "three pages of four").toBe(12);
    await page.goto(`${compound.base}/kiosk?layout=16`);
    await until(allPlay, 40_000);
  }, 90_000);

  it("says a day ahead that its sign-in ends, and the next shift signs in where the last one sat", async () => {
    expect(await page.getByTestId("session-ends").count()).toBe(0);
    const soon = new Date(Date.now() + 20 * 3_600_000).toISOString();
    await page.route("**/api/sessions?*", async (route) => {
      const reply = await route.fetch();
      const { sessions } = (await reply.json()) as { sessions: { current: boolean; until: string }[] };
      // A session lasts a week: six days have to be pretended.
      await route.fulfill({ response: reply, json: { sessions: sessions.map((s) => ({ ...s, until: s.current ? soon : s.until })) } });
    });
    await page.reload();
    await page.getByTestId("session-ends").waitFor();
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/kiosk-ends.png` });
    await page.unroute("**/api/sessions?*");
    const { sessions: before } = (await (await page.request.get(`${compound.base}/api/sessions`)).json()) as { sessions: { id: string; current: boolean }[] };
    // Asked first; and where the server cannot be reached nobody is signed out, and the screen says so.
    const yes = page.locator(".el-message-box .el-button--primary");
    await page.route("**/api/session", (route) => route.abort());
    await page.getByTestId("change-over").click();
    await yes.click();
    await page.getByText("未能退出登录").waitFor();
    expect(await page.getByTestId("kiosk").count()).toBe(1);
    await page.unroute("**/api/session");
    await page.getByTestId("change-over").click();
    await page.locator(".el-message-box .el-button:not(.el-button--primary)").click();
    await page.locator(".el-message-box").waitFor({ state: "hidden" });
    expect(await page.getByTestId("kiosk").count()).toBe(1);
    await page.getByTestId("change-over").click();
    await yes.click();
    await page.waitForURL("**/signin?next=**");
    expect((await page.request.get(`${compound.base}/api/looks`)).status()).toBe(401);
    await page.getByTestId("signin-name").fill("guard");
    await page.getByTestId("signin-password").fill(CHOSEN);
    await page.keyboard.press("Enter");
    await page.getByTestId("kiosk").waitFor();
    expect(new URL(page.url()).search).toBe("?layout=16");
    await until(allPlay, 40_000);
    const { sessions: after } = (await (await page.request.get(`${compound.base}/api/sessions`)).json()) as { sessions: { id: string; current: boolean }[] };
    expect(after.map((s) => s.id)).not.toContain(before.find((s) => s.current)!.id);
  }, 90_000);

  it("asks to sign in again when its session is over, and leads back to the wall", async () => {
    await context.clearCookies();
    await page.waitForURL("**/signin?next=**", { timeout: 30_000 });
    await page.getByTestId("signin-name").fill("guard");
    await page.getByTestId("signin-password").fill(CHOSEN);
    await page.keyboard.press("Enter");
    await page.getByTestId("kiosk").waitFor();
    await until(allPlay, 40_000);
  }, 90_000);
});
