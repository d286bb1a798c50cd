// A county's list counts: uploaded, mended, committed; the open map, the figures and the bulletin follow; what the list left out is enrolled on the county's page.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";
import { xlsx } from "./sheet";

const CHOSEN = "a-quiet-evening-7";
const HEADS = ["序号", "社区", "小区名称", "参加专项", "计划安装路数", "路灯"];
let hub: Compound;
let browser: Browser;
const contexts: BrowserContext[] = [];
let operator: Page; // who sets everything up
let city: Page; // the city's office, with the map open
let paper: Page; // its bulletin
let county: Page; // the county's office, which sends the list
const ids: Record<string, string> = {};
const day = (from: number) => new Date(Date.now() + 8 * 3600_000 + from * 86400_000).toISOString().slice(0, 10);

async function call<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  const got = await page.evaluate(
    async ([m, p, b]) => {
      const r = await fetch(p!, {
        method: m!,
        headers: { "Content-Type": "application/json" },
        ...(b ? { body: b } : {}),
      });
      return { status: r.status, text: await r.text() };
    },
    [method, path, body === undefined ? "" : JSON.stringify(body)],
  );
  if (got.status >= 300) throw new Error(`${method} ${path}: ${got.status} ${got.text}`);
  return (got.text ? JSON.parse(got.text) : {}) as T;
}

beforeAll(async () => {
  hub = await startCompound(1);
  browser = await launch();
  const open = async (name: string, passwords: string[]) => {
    const { context, page } = await openPage(browser);
    contexts.push(context);
    await signIn(page, hub.base, name, passwords);
    return page;
  };
  operator = await open("operator", [hub.passwords.operator!, CHOSEN]);
  const first = day(-60);
  for (const [level, name, parent] of [
    ["city", "临沂市", ""],
    ["county", "兰山区", "临沂市"],
    ["street", "银雀山街道", "兰山区"],
    ["community", "东苗庄社区", "银雀山街道"],
    ["compound", "金阳花园", "东苗庄社区"],
    ["county", "罗庄区", "临沂市"],
    ["street", "罗庄街道", "罗庄区"],
    ["community", "花埠圈社区", "罗庄街道"],
    ["compound", "百合花园", "花埠圈社区"],
  ] as const) {
    const got = await call<{ place: string }>(operator, "POST", "/api/places", {
      level,
      name,
      from: first,
      ...(parent ? { parent: ids[parent] } : {}),
    });
    ids[name] = got.place;
  }
  await call(operator, "PUT", "/api/programme", { name: "“平安小区”创建", city: ids["临沂市"], start: first });
  await call(operator, "PUT", "/api/milestones/built", {
    what: "built",
    classes: ["demonstration", "helped", "other"],
    due: day(-1),
    near_days: 30,
    lead_days: 60,
  });
  await call(operator, "POST", "/api/programme/enrolments", {
    compounds: ["金阳花园", "百合花园"].map((c) => ({ compound: ids[c], from: first, takes_part: true, plan: 1 })),
  });
  // Its own machine has one camera, seen today: what a compound only lists fulfils nothing.
  const { secret } = await call<{ secret: string }>(operator, "POST", "/api/tokens", {
    name: "门卫室",
    permissions: ["node.report"],
    place: ids["金阳花园"],
  });
  const told = await fetch(`${hub.base}/api/compounds/${ids["金阳花园"]}/register`, {
    method: "PUT",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}` },
    body: JSON.stringify({ cameras: [{ key: "gate0001", name: "大门 1", area: "gate", in_use: true, seen: true }] }),
  });
  if (!told.ok) throw new Error(`${told.status} ${await told.text()}`);
  const appointed = async (name: string, role: string, place: string) => {
    const made = await call<{ account: { id: string }; password: string }>(operator, "POST", "/api/accounts", {
      name,
      role: "staff",
    });
    await call(operator, "POST", "/api/appointments", { account: made.account.id, role, place: ids[place] });
    return open(name, [made.password, CHOSEN]);
  };
  city = await appointed("checker", "city-office", "临沂市");
  paper = await city.context().newPage();
  county = await appointed("lanshan", "county-office", "兰山区");
}, 90_000);

afterAll(async () => {
  for (const c of contexts) await c.close();
  await browser?.close();
  await hub?.stop();
});

const send = (rows: string[][]) =>
  county
    .getByTestId("sheet-file")
    .setInputFiles({
      name: "9月.xlsx",
      mimeType: "application/octet-stream",
      buffer: xlsx("汇总", [["平安小区情况统计表"], HEADS, ...rows]),
    });
const result = (state: string) =>
  county.locator(`[data-testid=sheet-result][data-state=${state}]`).waitFor({ timeout: 20_000 });
const figure = () => city.locator("[data-figure=compounds] .n").innerText();
const tile = () => city.getByTestId("tile-map").locator(".tile", { hasText: "兰山" });
const good = ["1", "东苗庄社区", "银杏小区", "是", "8", "6"];

describe("a county's list", () => {
  it("is checked without anything counting", async () => {
    await city.goto(`${hub.base}/city`);
    await tile().first().waitFor();
    expect([await figure(), await tile().getAttribute("data-light")]).toEqual(["2", "green"]);
    await county.goto(`${hub.base}/lists`);
    await send([good, ["2", "东苗庄社区", "玉兰小区", "也许", "0", "4"], ["3", "东苗庄社区", "海棠小区", "", "", "4"]]);
    await result("checked");
    const bad = await county.getByTestId("sheet-bad").innerText();
    for (const part of ["D4", "也许", "是、否", "E4", "1 至 10000"]) expect(bad).toContain(part);
    expect(await county.getByTestId("sheet-apart").innerText()).toContain("1 个小区未纳入创建");
    expect(await figure()).toBe("2");
  });

  it("mended and committed, it is on the open map and in the figures by itself, and in the bulletin", async () => {
    await send([good, ["2", "东苗庄社区", "玉兰小区", "是", "4", "4"], ["3", "东苗庄社区", "海棠小区", "", "", "4"]]);
    await result("checked");
    await county.getByTestId("sheet-commit").click();
    await result("done");
    await until(async () => (await figure()) === "4", 5000);
    await until(async () => (await tile().getAttribute("data-light")) === "red", 3000); // theirs is overdue
    expect(await tile().innerText()).toContain("33.3%");
    await paper.goto(`${hub.base}/bulletin`);
    await paper.getByTestId("paper").waitFor();
    const text = (await paper.getByTestId("paper").innerText()).replace(/\s/g, "");
    expect(text).toMatch(/4个[^。]*小区/);
    for (const name of ["银杏小区", "玉兰小区"]) expect(text).toContain(name); // on the late list
    expect(text).not.toContain("海棠小区");
  });

  it("what it left out is enrolled on the county's page, several at once", async () => {
    await county.goto(`${hub.base}/city/${ids["兰山区"]}`);
    const panel = county.getByTestId("enrol");
    await panel.waitFor();
    expect(await panel.locator("tbody tr").count()).toBe(1);
    expect(await panel.innerText()).toContain("海棠小区");
    await panel.getByTestId("enrol-plan").locator("input").fill("12");
    await panel.getByTestId("enrol-plan").locator("input").blur();
    await county
      .locator("label", { has: county.getByTestId("enrol-all") })
      .or(county.getByTestId("enrol-all"))
      .first()
      .click();
    await county.getByTestId("enrol-do").click();
    await county.locator(".el-message-box .el-button--primary").click();
    await until(async () => (await figure()) === "5", 5000);
    await panel.waitFor({ state: "hidden" });
  });

  it("and is not taken back any more, as somebody has said something of its rows since", async () => {
    await county.goto(`${hub.base}/lists`);
    await county.getByTestId("sheet-undo").click();
    await county.locator(".el-message-box__btns .el-button--primary").click();
    await county.getByTestId("problem").waitFor();
    expect(await county.getByTestId("problem").innerText()).toContain("海棠小区");
    expect(await figure()).toBe("5");
  });

  it("a compound's page plans more, and fits on a phone", async () => {
    const page = await county.context().newPage();
    await page.setViewportSize(NARROW);
    await page.goto(`${hub.base}/compounds/${ids["金阳花园"]}`);
    await page.getByTestId("enrol").click();
    await page.getByTestId("p-plan").locator("input").fill("6");
    await page.getByTestId("p-plan").locator("input").blur();
    await page.getByTestId("p-save").click();
    await until(
      async () =>
        (
          (await (await page.request.get(`${hub.base}/api/programme/compounds/${ids["金阳花园"]}`)).json()) as {
            plan: number;
          }
        ).plan === 6,
    );
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.close();
  });
});
