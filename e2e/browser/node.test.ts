// A city in small: a hub in an office, and a compound's own machine with two cameras. The hub's operator makes a token for the
// compound on the page; the machine that gets it reports by itself, and both say so.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn, WIDE } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound } from "./server";

const CHOSEN = "a-quiet-evening-7";
const folder = mkdtempSync(join(tmpdir(), "linli-token-"));
const token = join(folder, "hub-token");
const shots = process.env.SHOTS;
let hub: Compound;
let node: Compound | undefined;
let browser: Browser;
let office: Page;
let compound = "";
const open: BrowserContext[] = [];
const heard: string[][] = [];

async function visit(language = "zh", size = WIDE): Promise<Page> {
  const { context, page, said } = await openPage(browser, { language, size });
  open.push(context);
  heard.push(said);
  return page;
}

async function asked(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await office.request.fetch(`${hub.base}${path}`, {
    method,
    data: body,
    headers: { "Sec-Fetch-Site": "same-origin" },
  });
  const said = await reply.text();
  if (reply.status() >= 300) throw new Error(`${path}: ${reply.status()} ${said}`);
  return said;
}

async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

beforeAll(async () => {
  hub = await startCompound(0, { empty: true });
  browser = await launch();
  office = await visit();
  await signIn(office, hub.base, "operator", [hub.passwords.operator!, CHOSEN]);
  const from = "2024-01-01";
  const ids: Record<string, string> = {};
  for (const [level, name] of [
    ["city", "临沂市"],
    ["county", "兰山区"],
    ["street", "银雀山街道"],
    ["community", "东苗庄社区"],
    ["compound", "金阳花园"],
  ] as const) {
    compound = JSON.parse(
      await asked("POST", "/api/places", { level, name, from, ...(compound ? { parent: compound } : {}) }),
    ).place;
    ids[level] = compound;
  }
  await asked("PUT", "/api/programme", { name: "“平安小区”创建", city: ids.city, start: from });
  await asked("POST", "/api/programme/enrolments", {
    compounds: [{ compound, from, takes_part: true, plan: 2 }],
  });
}, 120_000);

afterAll(async () => {
  for (const context of open) await context.close();
  await browser?.close();
  await node?.stop();
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a compound's own machine", () => {
  it("gets a token that is for its compound alone", async () => {
    await office.goto(`${hub.base}/system/tokens`);
    const report = office.locator(".el-checkbox", { hasText: "node.report" });
    await report.waitFor();
    expect(await report.locator("input").isDisabled()).toBe(true);
    await office.getByTestId("token-name").fill("金阳花园门卫室");
    await office.getByTestId("token-place").click();
    await office.locator(".el-select-dropdown__item:visible", { hasText: "金阳花园" }).click();
    // What no place limits is not offered for one.
    await office.locator(".el-checkbox", { hasText: "camera.read" }).waitFor({ state: "detached" });
    await report.click();
    await shot(office, "tokens");
    await office.getByTestId("token-add").click();
    const secret = (await office.getByTestId("secret").innerText()).trim();
    expect(secret).toMatch(/^linli_/);
    writeFileSync(token, `${secret}\n`, { mode: 0o600 });
    await office.locator(".el-dialog:visible .el-button--primary").click();
    await office.locator("[data-testid=tokens] tr", { hasText: "金阳花园门卫室" }).locator("td", { hasText: /^金阳花园$/ }).waitFor();
  }, 60_000);

  it("reports by itself, and says so", async () => {
    node = await startCompound(2, { hub: { url: hub.base, tokenFile: token } });
    const box = await visit();
    await signIn(box, node.base, "operator", [node.passwords.operator!, CHOSEN]);
    await box.goto(`${node.base}/system/node`);
    await box.getByTestId("hub-success").filter({ hasText: "在用 2 路" }).waitFor({ timeout: 30_000 });
    expect(await box.getByTestId("hub-problem").count()).toBe(0);
    expect(await box.getByTestId("hub-report").innerText()).toContain("金阳花园");
    await shot(box, "node");
    await box.goto(`${node.base}/system/journal`);
    await box.getByText("向市平台报送").first().waitFor();
    for (const [language, size, name] of [["en", WIDE, "node-en"], ["zh", NARROW, "node-phone"]] as const) {
      const other = await visit(language, size);
      await signIn(other, node.base, "operator", [CHOSEN]);
      await other.goto(`${node.base}/system/node`);
      await other.getByTestId("hub-success").waitFor();
      await shot(other, name);
    }
  }, 120_000);

  it("is the evidence for what the hub's pages say", async () => {
    await office.goto(`${hub.base}/compounds/${compound}`);
    await office.getByTestId("cameras-elsewhere").filter({ hasText: "在用摄像机 2 路" }).waitFor({ timeout: 30_000 });
    await shot(office, "compound");
    const list = JSON.parse(await asked("GET", `/api/compounds/${compound}/channels`)) as {
      channels: { name: string; state: string; seen: boolean }[];
    };
    expect(list.channels.map((c) => [c.state, c.seen])).toEqual([["networked", true], ["networked", true]]);
    const standing = JSON.parse(await asked("GET", `/api/programme/compounds/${compound}`));
    expect([standing.built, standing.networked].map((r) => [r.done, r.basis])).toEqual([[true, "evidence"], [true, "evidence"]]);

    await office.goto(`${hub.base}/system/node`);
    const row = office.locator("[data-testid=registers] tbody tr", { hasText: "金阳花园" });
    await row.waitFor();
    await shot(office, "registers");
    // Released, it is the compound's machine no longer; a token that is revoked is told on the machine's own page.
    await row.locator("button").click();
    await office.locator(".el-message-box__btns .el-button--primary").click();
    await row.waitFor({ state: "detached" });
  }, 60_000);

  it("says what the hub has against it", async () => {
    for (const context of open.splice(1)) await context.close(); // the machine's own pages: it restarts
    await asked("DELETE", `/api/tokens/${encodeURIComponent("金阳花园门卫室")}`);
    await node!.end();
    await node!.begin();
    const box = await visit();
    await signIn(box, node!.base, "operator", [CHOSEN]);
    await box.goto(`${node!.base}/system/node`);
    await box.getByTestId("hub-problem").filter({ hasText: "不接受这个令牌" }).waitFor({ timeout: 20_000 });
    await shot(box, "node-refused");
    expect(heard.flat()).toEqual([]);
  }, 60_000);
});
