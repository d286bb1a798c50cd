// From an empty hub to a city that counts: the programme, its milestones, compounds and a campaign are set up on the pages, and what
// would make a duty less is asked for by the county and granted by the city.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let hub: Compound;
let browser: Browser;
let page: Page;
let said: string[];
const open: BrowserContext[] = [];
const ids: Record<string, string> = {};
const first: Record<string, string> = {};

async function visit(): Promise<{ page: Page; said: string[] }> {
  const { context, page, said } = await openPage(browser);
  open.push(context);
  return { page, said };
}

async function asked(method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const reply = await page.request.fetch(`${hub.base}${path}`, {
    method,
    data: body,
    headers: { "Sec-Fetch-Site": "same-origin" },
  });
  if (!reply.ok()) throw new Error(`${path}: ${reply.status()} ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}

const today = () => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
const later = (days: number) => new Date(Date.parse(today()) + days * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  hub = await startCompound(1, { empty: true });
  browser = await launch();
  ({ page, said } = await visit());
  await signIn(page, hub.base, "operator", [hub.passwords.operator!, CHOSEN]);
}, 90_000);

afterAll(async () => {
  for (const context of open) await context.close();
  await browser?.close();
  await hub?.stop();
});

describe("setting a programme up", () => {
  it("leads from the empty city page to the set-up, and says what comes first", async () => {
    await page.goto(`${hub.base}/city`);
    await page.getByTestId("setup-go").click();
    await page.waitForURL("**/programme");
    await page.getByText("尚未登记城市").waitFor();
    expect(said).toEqual([]); // no page of a hub without a programme complains
    let parent: unknown;
    for (const [level, name] of [
      ["city", "临沂市"],
      ["county", "兰山区"],
      ["street", "银雀山街道"],
      ["community", "东苗庄社区"],
    ] as const) {
      parent = (await asked("POST", "/api/places", { level, name, parent, from: "2024-01-01" })).place;
      ids[name] = parent as string;
    }
    for (const name of ["金阳花园", "安泰小区", "玉兰小区"]) {
      ids[name] = (await asked("POST", "/api/places", { level: "compound", name, parent, from: "2024-01-01" }))
        .place as string;
    }
    for (const name of ["chen", "li"]) {
      const made = await asked("POST", "/api/accounts", { name, role: "staff" });
      ids[name] = (made.account as { id: string }).id;
      first[name] = made.password as string;
    }
    await asked("POST", "/api/appointments", { account: ids.chen, role: "city-office", place: ids["临沂市"] });
    await asked("POST", "/api/appointments", { account: ids.li, role: "county-office", place: ids["兰山区"] });
    await page.goto(`${hub.base}/places`);
    await page.getByTestId("not-set-up").waitFor();
  });

  it("takes the programme, a milestone, compounds with their plans, and a campaign", async () => {
    await page.goto(`${hub.base}/programme`);
    const programme = page.getByTestId("setup-programme");
    await programme.getByTestId("setup-name").fill("“平安小区”创建");
    await programme.getByTestId("setup-name-en").fill("Safe Compounds");
    await programme.getByTestId("setup-start").fill(later(-7));
    await programme.getByTestId("setup-save").click();
    await page.getByTestId("setup-milestones").waitFor();

    await page.getByTestId("milestone-add").click();
    await page.getByTestId("m-due").fill(later(90));
    await page.getByTestId("m-evidence").fill("摄像机已安装并登记");
    await page.getByTestId("m-save").click();
    const rule = page.locator(`[data-milestone="built-${later(90)}"]`);
    await rule.waitFor();
    expect(await rule.innerText()).toContain("示范、帮扶、其他");

    // Who takes part is said on the county's page; a compound that is picked keeps what was typed for it when all are picked.
    await page.getByTestId("enrol-兰山区").click();
    const panel = page.getByTestId("enrol");
    await panel.waitFor();
    await until(async () => (await panel.locator("tbody tr").count()) === 3);
    const row = (name: string) => panel.locator("tbody tr", { hasText: name });
    await row("金阳花园").locator(".el-checkbox").click();
    await row("金阳花园").locator("input[type=number], input[role=spinbutton]").fill("12");
    await row("金阳花园").locator("input[type=number], input[role=spinbutton]").blur();
    await panel.locator("thead .el-checkbox").click();
    expect(await row("金阳花园").locator("input[type=number], input[role=spinbutton]").inputValue()).toBe("12");
    await row("玉兰小区").locator(".el-checkbox").click();
    await row("安泰小区").locator("input[type=number], input[role=spinbutton]").fill("2");
    await row("安泰小区").locator("input[type=number], input[role=spinbutton]").blur();
    await panel.getByTestId("enrol-do").click();
    const asks = page.locator(".el-message-box");
    await asks.waitFor();
    expect(await asks.innerText()).toContain(`2 个小区自 ${today()} 起纳入创建`);
    await asks.locator(".el-button--primary").click();
    await until(async () => (await panel.locator("tbody tr").count()) === 1);
    await page.goto(`${hub.base}/programme`);
    await until(async () => (await page.locator("[data-county=兰山区]").innerText()).includes("2 个已纳入创建"));

    await page.getByTestId("campaign-add").click();
    await page.getByTestId("cd-name").fill("集中攻坚月");
    await page.getByTestId("cd-from").fill(later(-3));
    await page.getByTestId("cd-until").fill(later(27));
    await page.getByTestId("cd-publicity").fill("户户知晓");
    await page.getByTestId("cd-save").click();
    await page.locator(`[data-campaign="drive-${later(-3)}"]`).waitFor();
    expect(said).toEqual([]);
  });

  it("is counted at once, and each version of a milestone is there to be read", async () => {
    await page.goto(`${hub.base}/city`);
    await page.getByTestId("city").waitFor();
    expect(await page.locator("h1").innerText()).toContain("“平安小区”创建");
    const { figures } = (await (await page.request.get(`${hub.base}/api/programme/city`)).json()) as {
      figures: { compounds: number; duties: number };
    };
    expect(figures).toMatchObject({ compounds: 2, duties: 2 });
    expect((await page.getByTestId("city").innerText()).replace(/\s+/g, "")).toContain("2");

    await page.goto(`${hub.base}/programme`);
    await page.getByTestId(`milestone-edit-built-${later(90)}`).click();
    await page.getByTestId("m-due").fill(later(120));
    expect(await page.getByTestId("m-save").isDisabled()).toBe(true); // a later day asks less: it needs a reason
    await page.getByTestId("m-reason").fill("雨季停工");
    await page.getByTestId("m-save").click();
    // And another person, of the city's office.
    const proposal = page.getByTestId("proposal");
    await proposal.waitFor();
    expect(await proposal.innerText()).toContain(`${later(90)} → ${later(120)}`);
    expect(await page.getByTestId("proposal-publish").count()).toBe(0);
    const second = await visit();
    await signIn(second.page, hub.base, "chen", [first.chen!, CHOSEN]);
    await second.page.goto(`${hub.base}/programme`);
    await second.page.getByTestId("proposal-publish").click();
    await second.page.locator(".el-message-box .el-button--primary").click();
    await proposal.waitFor({ state: "detached" });
    expect(second.said).toEqual([]);
    /** The bell of an open page comes to what waits by itself, long before it would ask again. */
    const rings = async () => {
      const { total } = (await (await second.page.request.get(`${hub.base}/api/inbox`)).json()) as { total: number };
      await until(async () => (await second.page.getByTestId("inbox-bell").getAttribute("data-n")) === String(total), 15_000);
      return total;
    };
    const others = await rings();
    await page.getByText("第 2 版").click();
    const versions = page.getByTestId("milestone-versions");
    await versions.waitFor();
    await until(async () => (await versions.locator("tbody tr").count()) === 2);
    expect(await versions.locator("[data-version='2'] .changed").innerText()).toBe(later(120));
    expect(await versions.locator("[data-version='1']").innerText()).toContain(later(90));

    // It is ended, and let count again, as it stands and when asked twice: what is half typed in the form does not go along.
    const rule = page.locator(`[data-milestone="built-${later(90)}"]`);
    const asks = page.locator(".el-message-box");
    for (const ended of [true, false]) {
      await page.goto(`${hub.base}/programme`);
      await page.getByTestId(`milestone-edit-built-${later(90)}`).click();
      await page.getByTestId("m-due").fill(later(150));
      await page.getByTestId("m-end").click();
      await asks.waitFor();
      expect(await asks.innerText()).toContain(later(120));
      if (ended) await asks.locator("input").fill("任务并入明年"); // nothing is owed any more: a reason, and another person
      await asks.locator(".el-button--primary").click();
      if (ended) {
        await proposal.waitFor();
        expect(await rings()).toBe(others + 1);
        expect(await rule.innerText()).not.toContain("已停用");
        await second.page.goto(`${hub.base}/programme`);
        await second.page.getByTestId("proposal-publish").click();
        await second.page.locator(".el-message-box .el-button--primary").click();
        await proposal.waitFor({ state: "detached" });
      }
      await until(async () => (await rule.innerText()).includes("已停用") === ended);
      expect(await rule.innerText()).toContain(later(120));
    }
  });

  it("lets a county ask for less, and the city's office decide, with both on the compound's page", async () => {
    const county = await visit();
    await signIn(county.page, hub.base, "li", [first.li!, CHOSEN]);
    await county.page.goto(`${hub.base}/compounds/${ids["安泰小区"]}`);
    await county.page.getByTestId("participation").waitFor();
    await county.page.getByTestId("relief-ask").click();
    await county.page.getByTestId("r-due").fill(later(200));
    await county.page.getByTestId("r-reason").fill("外墙施工");
    await county.page.getByTestId("r-save").click();
    await county.page.locator("[data-testid=request][data-state=asked]").waitFor();
    expect(await county.page.getByTestId("relief-grant").count()).toBe(0);

    const city = await visit();
    await signIn(city.page, hub.base, "chen", [CHOSEN]);
    await city.page.goto(`${hub.base}/programme`);
    const request = city.page.getByTestId("setup-requests");
    await request.waitFor();
    expect(await request.innerText()).toContain("外墙施工");
    await request.getByTestId("relief-grant").click();
    const asks = city.page.locator(".el-message-box");
    await asks.waitFor();
    expect(await asks.innerText()).toContain("外墙施工");
    expect(await asks.innerText()).toContain(`延至 ${later(200)}`);
    await asks.locator(".el-button:not(.el-button--primary)").click(); // nothing is granted before it is confirmed
    expect(await request.getByTestId("request").getAttribute("data-state")).toBe("asked");
    await request.getByTestId("relief-grant").click();
    await asks.locator(".el-button--primary").click();
    await request.waitFor({ state: "detached" });
    await county.page.locator("[data-testid=request][data-state=granted]").waitFor();
    await until(async () => (await county.page.getByTestId("duties").innerText()).includes(later(200)));
    // Its history says what it was about in words, not by the name that the office gave the milestone.
    await county.page.getByTestId("request").getByTestId("history-open").click();
    const told = county.page.getByTestId("history-list");
    await until(async () => (await told.innerText()).includes(`建成视频监控系统（${later(120)}）`));
    expect(await told.innerText()).toContain("延期");
    expect(await told.innerText()).not.toMatch(/built|relief\.|history\./);
    await county.page.keyboard.press("Escape");

    // The city's office takes it back, with a reason.
    await city.page.goto(`${hub.base}/compounds/${ids["安泰小区"]}`);
    await city.page.getByTestId("extension-back").click();
    await city.page.locator(".el-message-box input").fill("施工提前结束");
    await city.page.locator(".el-message-box .el-button--primary").click();
    await until(async () => (await city.page.locator("[data-what=built]").innerText()).includes(later(120)));
    expect(await city.page.getByTestId("history").innerText()).toContain("施工提前结束");
    expect([...county.said, ...city.said]).toEqual([]);
  });

  it("a county does not end a compound by its own pen: what it typed goes to the city's office as a request", async () => {
    const county = await visit();
    await signIn(county.page, hub.base, "li", [CHOSEN]);
    await county.page.goto(`${hub.base}/places/${ids["玉兰小区"]}`);
    await county.page.getByTestId("deed-end").click();
    // Said before anything is typed, and not after a refusal.
    await county.page.getByTestId("place-form").getByText("须由上一级办公室批准", { exact: false }).waitFor();
    expect(await county.page.getByTestId("pl-save").count()).toBe(0);
    await county.page.getByTestId("pl-note").fill("整体拆迁");
    await county.page.getByTestId("pl-ask").click();
    await county.page.getByTestId("place-form").waitFor({ state: "hidden" });
    // The request stands on the place's page; until it is decided on nobody asks for the same again.
    const waiting = county.page.getByTestId("place-requests");
    await waiting.waitFor();
    expect(await waiting.innerText()).toContain("整体拆迁");
    await county.page.getByTestId("deed-end").waitFor({ state: "detached" });
    expect(await county.page.getByTestId("deed-rename").count()).toBe(1);
    await county.page.reload();
    await waiting.waitFor();
    expect(await county.page.getByTestId("deed-end").count()).toBe(0);
    const at = async () =>
      (await (await county.page.request.get(`${hub.base}/api/places/${ids["玉兰小区"]}`)).json()) as { open: boolean };
    expect((await at()).open).toBe(true);

    const city = await visit();
    await signIn(city.page, hub.base, "chen", [CHOSEN]);
    await city.page.goto(`${hub.base}/programme`);
    const request = city.page.getByTestId("setup-requests");
    await until(async () => (await request.innerText()).includes("撤销小区"));
    expect(await request.innerText()).toContain("整体拆迁");
    await request.getByTestId("relief-grant").click();
    await city.page.locator(".el-message-box .el-button--primary").click();
    await request.waitFor({ state: "detached" });
    expect((await at()).open).toBe(false);
    await waiting.waitFor({ state: "detached" }); // by the journal's event
    expect([...county.said, ...city.said]).toEqual([]);
  });

  it("what was founded by mistake is ended by who founded it on that day; a merge asks for what is not theirs to end", async () => {
    const county = await visit();
    await signIn(county.page, hub.base, "li", [CHOSEN]);
    const found = async (name: string) => {
      const reply = await county.page.request.post(`${hub.base}/api/places`, {
        data: { level: "compound", name, parent: ids["东苗庄社区"], from: today() },
        headers: { "Sec-Fetch-Site": "same-origin" },
      });
      return ((await reply.json()) as { place: string }).place;
    };
    const twice = await found("金阳花苑");
    await county.page.goto(`${hub.base}/places/${twice}`);
    await county.page.locator("[data-testid=place-versions] tbody tr").first().waitFor();
    await county.page.getByTestId("deed-end").click();
    await county.page.getByTestId("pl-note").fill("与金阳花园重复登记");
    await county.page.getByTestId("pl-save").click();
    await county.page.getByTestId("place-form").waitFor({ state: "hidden" });
    await until(async () => !(await (await county.page.request.get(`${hub.base}/api/places/${twice}`)).json()).open);

    const again = await found("安泰小区北院");
    await county.page.goto(`${hub.base}/places/${ids["金阳花园"]}`);
    await county.page.getByTestId("deed-merge").click();
    await county.page.getByTestId("pl-ask").waitFor();
    const pick = async (name: string) => {
      await county.page.locator("#pl-others").fill(name);
      await county.page.locator(".el-select-dropdown__item", { hasText: name }).first().click();
    };
    await pick("安泰小区北院"); // theirs of today: no one else's to decide
    await county.page.getByTestId("pl-save").waitFor();
    await pick("安泰小区");
    await county.page.getByTestId("pl-ask").waitFor();
    await county.page.keyboard.press("Escape");
    expect(again).not.toBe("");
    expect(county.said).toEqual([]);

    // The city's office decides itself, and is offered no request.
    const city = await visit();
    await signIn(city.page, hub.base, "chen", [CHOSEN]);
    await city.page.goto(`${hub.base}/places/${ids["安泰小区"]}`);
    await city.page.locator("[data-testid=place-versions] tbody tr").first().waitFor();
    await city.page.getByTestId("deed-end").click();
    await city.page.getByTestId("pl-save").waitFor();
    expect(await city.page.getByTestId("pl-ask").count()).toBe(0);
    expect(city.said).toEqual([]);
  });

  it("reads on a phone", async () => {
    await page.setViewportSize(NARROW);
    await page.goto(`${hub.base}/programme`);
    await page.getByTestId("setup-milestones").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
});
