// Sound is off unless the register gives it a reason and a person asks for it. AAC comes over HLS; the simulator has no G.711.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { clips, register, type Simulator, simulate } from "./cameras";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const simulators: Simulator[] = [];
const drawn = clips();
const ids: Record<string, string> = {};

beforeAll(async () => {
  const aac = drawn.draw("aac.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=15", "-f", "lavfi", "-i", "sine=f=440:r=8000", "-t", "8", "-c:v", "libx264", "-g", "30", "-bf", "0", "-b:v", "300k", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "16000");
  simulators.push(await simulate(aac, aac));
  compound = await startCompound(1);
  browser = await launch();
  const operator = await openPage(browser);
  await signIn(operator.page, compound.base, "operator", [compound.passwords.operator!, CHOSEN]);
  ids.aac = await register(operator.page.request, compound.base, "求助点", simulators[0]!.url, { sound_reason: "求助按钮对讲" });
  ids.quiet = await register(operator.page.request, compound.base, "无声", simulators[0]!.url);
  await operator.context.close();
  ({ context, page } = await openPage(browser));
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
}, 90_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
  for (const s of simulators) s.stop();
  drawn.remove();
});

const heard = () => page.$eval("[data-testid=live-picture] video", (v) => [(v as HTMLVideoElement).muted, (v as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount] as const);

describe("sound", () => {
  it("in AAC is heard over HLS, only when asked for, and the page says where", async () => {
    await page.goto(`${compound.base}/cameras/${ids.aac}`);
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=whep]").waitFor({ timeout: 20_000 });
    expect((await heard())[0]).toBe(true);
    expect(await page.getByTestId("sound-where").innerText()).toContain("AAC");
    await page.getByTestId("sound").click();
    await page.locator("[data-testid=live-picture][data-phase=playing][data-way=hls]").waitFor({ timeout: 20_000 });
    expect((await heard())[0]).toBe(false);
    const [, before] = await heard();
    await until(async () => (await heard())[1] > before, 10_000, () => `${before} bytes`);
  }, 60_000);

  it("of a camera without a reason is not offered", async () => {
    await page.goto(`${compound.base}/cameras/${ids.quiet}`);
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    expect(await page.getByTestId("sound").count()).toBe(0);
  });
});
