// A county cannot read its neighbour, a member unit sees its pairings only; a role taken away is gone at once.
import { createHash } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let hub: Compound;
let browser: Browser;
const open: BrowserContext[] = [];
let operator: Page;
let unions: Page;
const ids: Record<string, string> = {};
const first: Record<string, string> = {};

async function visit(): Promise<Page> {
  const { context, page } = await openPage(browser);
  open.push(context);
  return page;
}

/** Asks the API from a page, as whoever is signed in there. */
async function asked(page: Page, method: string, path: string, body?: unknown, match?: string): Promise<{ status: number; said: string }> {
  const reply = await page.request.fetch(`${hub.base}${path}`, { method, data: body, headers: { "Sec-Fetch-Site": "same-origin", ...(match ? { "If-Match": match } : {}) } });
  return { status: reply.status(), said: await reply.text() };
}

async function made(path: string, body: unknown, id: string): Promise<string> {
  const { status, said } = await asked(operator, "POST", path, body);
  if (status >= 300) throw new Error(`${path}: ${status} ${said}`);
  const json = JSON.parse(said);
  return (id === "account" ? json.account.id : json[id]) as string;
}

beforeAll(async () => {
  hub = await startCompound(1);
  browser = await launch();
  operator = await visit();
  await signIn(operator, hub.base, "operator", [hub.passwords.operator!, CHOSEN]);
  const from = "2024-01-01";
  ids.city = await made("/api/places", { level: "city", name: "临沂市", from }, "place");
  for (const [n, county, street, community, compound, unit] of [
    ["1", "兰山区", "银雀山街道", "东苗庄社区", "金阳花园", "市总工会"],
    ["2", "罗庄区", "盛庄街道", "花埠圈社区", "百合花园", "市工商局"],
  ] as const) {
    ids[`county${n}`] = await made("/api/places", { level: "county", parent: ids.city, name: county, from }, "place");
    ids[`street${n}`] = await made("/api/places", { level: "street", parent: ids[`county${n}`], name: street, from }, "place");
    ids[`community${n}`] = await made("/api/places", { level: "community", parent: ids[`street${n}`], name: community, from }, "place");
    const id = await made("/api/places", { level: "compound", parent: ids[`community${n}`], name: compound, from }, "place");
    ids[`compound${n}`] = id;
    const seen = await operator.request.get(`${hub.base}/api/compounds/${id}`);
    const entered = await asked(operator, "POST", `/api/compounds/${id}/classes`, { mark: "weak", in: true, from, criteria: "无围墙", evidence: "摸底表" }, seen.headers().etag);
    expect(entered.status, entered.said).toBe(201);
    ids[`unit${n}`] = await made("/api/member-units", { name: unit, level: "city" }, "id");
    ids[`pairing${n}`] = await made("/api/pairings", { compound: id, unit: ids[`unit${n}`], from }, "id");
  }
  await asked(operator, "PUT", "/api/programme", { name: "“平安小区”创建", city: ids.city, start: from });
  await asked(operator, "POST", "/api/programme/enrolments", { compounds: [1, 2].map((n) => ({ compound: ids[`compound${n}`], from, takes_part: true })) });
  for (const name of ["lanshan", "unions"]) {
    const reply = await asked(operator, "POST", "/api/accounts", { name, role: "staff" });
    const json = JSON.parse(reply.said);
    ids[name] = json.account.id;
    first[name] = json.password;
  }
  await made("/api/appointments", { account: ids.unions, role: "member-unit", unit: ids.unit1 }, "id");
}, 120_000);

afterAll(async () => {
  for (const context of open) await context.close();
  await browser?.close();
  await hub?.stop();
});

describe("who may do what", () => {
  it("an operator appoints a county office on the page", async () => {
    await operator.goto(`${hub.base}/system/appointments`);
    await operator.getByTestId("appointment-account").click();
    await operator.getByRole("option", { name: "lanshan" }).click();
    await operator.getByTestId("appointment-at").click();
    await operator.getByRole("option", { name: "兰山区" }).click();
    await operator.getByTestId("appointment-add").click();
    const row = operator.locator("[data-testid=appointments] tbody tr", { hasText: "兰山区" });
    await row.waitFor();
    expect(await row.innerText()).toContain("lanshan");
  });

  it("the county sees its own, and nothing of its neighbour: page and API", async () => {
    const page = await visit();
    await signIn(page, hub.base, "lanshan", [first.lanshan!, CHOSEN]);
    const list = await asked(page, "GET", "/api/places?level=compound");
    expect(list.said).toContain("金阳花园");
    expect(list.said).not.toContain("百合花园");
    for (const path of [`/api/compounds/${ids.compound2}`, `/api/programme/compounds/${ids.compound2}`, `/api/programme/counties/${ids.county2}`, `/api/places/${ids.county2}`]) {
      const { status, said } = await asked(page, "GET", path);
      expect([path, status]).toEqual([path, 403]);
      expect(said).toContain("place.not-permitted");
    }
    const city = JSON.parse((await asked(page, "GET", "/api/programme/city")).said);
    expect(city.figures.compounds).toBe(2);
    expect(city.counties.map((c: { name: string }) => c.name)).toEqual(["兰山区"]);
    expect((await asked(page, "POST", `/api/compounds/${ids.compound2}/areas`, { kind: "gate", name: "东门", from: "2024-02-01" })).status).toBe(403);

    await page.goto(`${hub.base}/`);
    await page.waitForURL(/\/city/);
    await page.goto(`${hub.base}/compounds/${ids.compound1}`);
    await page.getByText("金阳花园").first().waitFor();
    await page.goto(`${hub.base}/compounds/${ids.compound2}`);
    await page.getByTestId("problem").first().waitFor();
    expect(await page.locator("body").innerText()).not.toContain("百合花园");
    await page.goto(`${hub.base}/city/${ids.county2}`);
    await page.getByTestId("problem").first().waitFor();
    expect(await page.locator("body").innerText()).not.toContain("盛庄街道");
    // It says who may, and whom to ask; no policy's name, and no way to be refused once more.
    const refusal = page.getByTestId("problem").first();
    expect(await refusal.innerText()).toContain("可以办理的有：所在县区综治办、市综治办");
    expect(await refusal.innerText()).not.toContain("permit");
    expect(await refusal.getByRole("button").count()).toBe(0);

    // Taken away on the page of the operator: the next request is refused.
    await operator.locator("[data-testid=appointments] tbody tr", { hasText: "兰山区" }).getByTestId("appointment-take").click();
    await operator.locator(".el-message-box__btns .el-button--primary").click();
    await operator.locator("[data-testid=appointments] tbody tr", { hasText: "兰山区" }).waitFor({ state: "detached" });
    expect((await asked(page, "GET", `/api/compounds/${ids.compound1}`)).status).toBe(403);
  });

  it("a member unit sees its pairings only", async () => {
    const page = await visit();
    unions = page;
    await signIn(page, hub.base, "unions", [first.unions!, CHOSEN]);
    const list = JSON.parse((await asked(page, "GET", "/api/pairings")).said);
    expect(list.pairings.map((p: { id: string }) => p.id)).toEqual([ids.pairing1]);
    expect((await asked(page, "GET", `/api/compounds/${ids.compound1}`)).status).toBe(200);
    expect((await asked(page, "GET", `/api/compounds/${ids.compound2}`)).status).toBe(403);
    expect((await asked(page, "POST", `/api/pairings/${ids.pairing1}/money`, { kind: "pledge", fen: 100000, from: "2024-02-01" })).status).toBe(201);
    expect((await asked(page, "POST", `/api/pairings/${ids.pairing2}/money`, { kind: "pledge", fen: 100000, from: "2024-02-01" })).status).toBe(403);
  });

  it("the unit enters what came and what it became; more than there is is refused with what is left; the sheet fits a page", async () => {
    const { context, page, said } = await openPage(browser, { size: NARROW, state: await unions.context().storageState() });
    open.push(context);
    await page.goto(`${hub.base}/`);
    await page.waitForURL(/\/help$/); // its home page
    const { today } = JSON.parse((await asked(page, "GET", "/api/programme")).said);
    await page.getByTestId("pairings").getByRole("link", { name: "金阳花园" }).click();
    await page.getByTestId("life").waitFor();
    const sum = (key: string) => page.locator(`[data-sum=${key}]`).innerText();
    const enter = async (what: "receipt" | "spend", amount: string, note = "") => {
      await page.getByTestId(`enter-${what}`).click();
      await page.getByTestId("m-amount").fill(amount);
      if (note) await page.getByTestId("m-note").fill(note);
      await page.getByTestId("m-save").click();
    };
    await enter("receipt", "1,234.56");
    await until(async () => (await sum("received")) === "1,234.56");
    await enter("spend", "1234.57", "更换大门");
    const refusal = page.locator(".el-dialog [data-testid=problem]");
    await refusal.waitFor();
    expect(await refusal.innerText()).toContain(`截至 ${today} 到位资金尚余 1,234.56 元`);
    await page.getByTestId("m-amount").fill("1000.29");
    await page.getByTestId("m-became").click();
    await page.getByRole("option", { name: "大门" }).click();
    await page.getByTestId("m-save").click();
    await until(async () => (await sum("left")) === "234.27");
    const spend = page.locator("[data-testid=money-list] [data-kind=spend]");
    const pdf = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n");
    const chosen = page.waitForEvent("filechooser");
    await spend.getByTestId("add-voucher").click();
    await (await chosen).setFiles({ name: "大门 发票.pdf", mimeType: "application/pdf", buffer: pdf });
    const voucher = spend.getByTestId("voucher");
    await voucher.waitFor();
    expect(await voucher.innerText()).toContain(createHash("sha256").update(pdf).digest("hex"));
    const sent = await page.request.get(`${hub.base}${await voucher.locator("a").getAttribute("href")}`);
    expect(Buffer.compare(await sent.body(), pdf)).toBe(0);
    expect(sent.headers()["repr-digest"]).toContain(createHash("sha256").update(pdf).digest("base64"));
    await page.getByTestId("disclose").click();
    await page.locator(".el-message-box__btns .el-button--primary").click();
    await until(async () => (await sum("disclosed")) === "1,000.29");
    expect(await page.evaluate(() => document.querySelector("#main")!.scrollWidth)).toBeLessThanOrEqual(NARROW.width);

    await page.getByTestId("to-sheet").click();
    await page.getByTestId("pairing-sheet").waitFor();
    expect(await page.getByTestId("pairing-sheet").innerText()).toContain("1,000.29");
    const sheet = await page.pdf({ format: "A4", preferCSSPageSize: true, printBackground: true });
    expect((sheet.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length).toBe(1);

    // Everybody may read it, and nobody learns whom it helped.
    const stranger = await visit();
    await stranger.goto(`${hub.base}/disclosure`);
    await stranger.locator("[data-public=disclosed]").waitFor();
    expect(await stranger.locator("[data-public=disclosed]").innerText()).toBe("1,000.29");
    const text = await stranger.locator("#main").innerText();
    expect(text).toContain("市总工会");
    for (const secret of ["金阳花园", "更换大门", "发票", "薄弱", "兰山"]) expect(text).not.toContain(secret);
    expect(said.filter((s) => !s.includes("422"))).toEqual([]);
  });
});
