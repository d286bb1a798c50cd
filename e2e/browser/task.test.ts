// The offices' month: a task from the city to its striking off, a county's return, a drive with a photo and a notice.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
const contexts: BrowserContext[] = [];
let operator: Page; // who sets everything up
let county: Page; // the county office of 兰山区: works, and reports
let city: Page; // the city's office: raises, and checks
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
  compound = await startCompound(1);
  browser = await launch();
  const open = async (name: string, passwords: string[]) => {
    const { context, page } = await openPage(browser);
    contexts.push(context);
    await signIn(page, compound.base, name, passwords);
    return page;
  };
  operator = await open("operator", [compound.passwords.operator!, CHOSEN]);
  const first = day(-60);
  for (const [level, name, parent] of [
    ["city", "临沂市", ""],
    ["county", "兰山区", "临沂市"],
    ["county", "罗庄区", "临沂市"],
    ["street", "银雀山街道", "兰山区"],
    ["street", "金坛街道", "兰山区"],
    ["community", "东苗庄社区", "银雀山街道"],
    ["compound", "金阳花园", "东苗庄社区"],
    ["compound", "安泰小区", "东苗庄社区"],
  ] as const) {
    const got = await call<{ place: string }>(operator, "POST", "/api/places", {
      level,
      name,
      from: first,
      ...(parent ? { parent: ids[parent] } : {}),
    });
    ids[name] = got.place;
  }
  // Neither is an operator: what they may do, they may do as the office they were appointed.
  const appointed = async (name: string, role: string, place: string) => {
    const made = await call<{ account: { id: string }; password: string }>(operator, "POST", "/api/accounts", {
      name,
      role: "staff",
    });
    await call(operator, "POST", "/api/appointments", { account: made.account.id, role, place: ids[place] });
    return open(name, [made.password, CHOSEN]);
  };
  city = await appointed("checker", "city-office", "临沂市");
  county = await appointed("lanshan", "county-office", "兰山区");
  await call(city, "PUT", "/api/programme", { name: "创建", city: ids["临沂市"], start: first });
  const compounds = ["金阳花园", "安泰小区"].map((c) => ({ compound: ids[c], from: first, takes_part: true, plan: 2 }));
  await call(city, "POST", "/api/programme/enrolments", { compounds });
}, 90_000);

afterAll(async () => {
  for (const c of contexts) await c.close();
  await browser?.close();
  await compound?.stop();
});

const column = (page: Page, state: string) => page.locator(`[data-column="${state}"] .card`);

describe("the offices' month", () => {
  it("a task is raised for all counties, and is on an open board at once", async () => {
    await county.goto(`${compound.base}/tasks`);
    await expect.poll(() => county.getByTestId("task-board").isVisible()).toBe(true);
    await city.goto(`${compound.base}/tasks`);
    await city.getByTestId("raise").click();
    await city.getByTestId("raise-title").fill("报送联网进度");
    await city.getByTestId("raise-due").fill(day(2));
    await city.getByTestId("raise-all").check();
    await city.getByTestId("raise-go").click();
    await until(async () => (await column(city, "raised").count()) === 2, 5000);
    await until(async () => (await column(county, "raised").count()) === 1, 5000); // its own, not its neighbour's
    expect(await column(county, "raised").innerText()).toContain("报送联网进度");
    expect(await column(county, "raised").innerText()).toContain("兰山区");
  });

  it("the keyboard is enough to sign for it, begin and report it", async () => {
    await column(city, "raised").first().focus();
    await city.keyboard.press("ArrowDown");
    expect(await city.evaluate(() => document.activeElement?.getAttribute("data-at"))).toBe("0,1");
    await column(county, "raised").first().focus();
    for (const act of ["sign", "begin", "report"]) {
      await county.keyboard.press("Enter");
      await county.getByTestId(`act-${act}`).press("Enter");
      const note = county.getByTestId("step-note");
      await note.waitFor();
      if (act === "report") {
        expect(await county.getByTestId("step-go").isDisabled()).toBe(true);
        await note.fill("已报送");
      }
      await county.getByTestId("step-go").press("Enter");
      const to = { sign: "signed", begin: "underway", report: "reported" }[act]!;
      await until(async () => (await column(county, to).count()) === 1, 5000);
      await until(
        async () =>
          !(await county
            .locator(".el-overlay")
            .first()
            .isVisible()
            .catch(() => false)),
        5000,
      );
      await column(county, to).first().focus();
    }
  });

  it("nobody strikes off what they reported; somebody else does", async () => {
    // The county office does not check its own task: not on the page, and not behind it.
    await column(county, "reported").first().click();
    await county.getByTestId("task-one").waitFor();
    expect(await county.getByTestId("act-strike-off").count()).toBe(0);
    type Task = { id: string; version: number; name: string };
    const listed = async (page: Page) =>
      (await call<{ tasks: Task[] }>(page, "GET", "/api/supervision-tasks")).tasks.map(({ id, version, name }) => ({
        name,
        task: { id, version },
      }));
    const own = await listed(county);
    expect(own.map((o) => o.name)).toEqual(["兰山区"]);
    await expect(
      call(county, "POST", "/api/supervision-tasks/checks", { act: "strike-off", tasks: own.map((o) => o.task) }),
    ).rejects.toThrow("place.not-permitted");
    await county.reload();

    // The city office may check, but not what it reported itself.
    for (const act of ["sign", "begin", "report"]) {
      const there = (await listed(city)).filter((o) => o.name === "罗庄区").map((o) => o.task);
      await call(city, "POST", "/api/supervision-tasks/steps", { act, tasks: there, note: "代报" });
    }
    await until(async () => (await column(city, "reported").count()) === 2, 5000);
    await column(city, "reported").filter({ hasText: "罗庄区" }).click();
    await city.getByTestId("act-strike-off").click();
    await city.getByTestId("step-go").click();
    await until(async () => (await city.getByTestId("problem").getAttribute("data-code")) === "supervision.own", 5000);
    await city.reload();
    await column(city, "reported").filter({ hasText: "兰山区" }).click();
    await city.getByTestId("act-strike-off").click();
    await city.getByTestId("step-go").click();
    await until(async () => (await column(county, "struck-off").count()) === 1, 5000);
    await city.getByTestId("late").click();
    await until(async () => (await city.getByTestId("late-text").innerText()).includes("没有逾期"), 5000);
    await city.keyboard.press("Escape");
  });

  it("a county office raises a task for a compound, as none for itself would be taken", async () => {
    // What is offered is what was asked for last: compounds that come late are not offered, nor ticked, as streets.
    await county.route("**/api/programme/compounds?*", async (route) => {
      await new Promise((done) => setTimeout(done, 1500));
      await route.continue();
    });
    await county.getByTestId("raise").click();
    await county.locator("label", { has: county.getByTestId("raise-to-street") }).or(county.getByTestId("raise-to-street")).first().click();
    const offered = county.getByTestId("raise-offered");
    await offered.getByText("银雀山街道").waitFor();
    await new Promise((done) => setTimeout(done, 2000));
    expect(await offered.locator("label").count()).toBe(2); // the county's streets
    expect(await offered.locator("input:checked").count()).toBe(0);
    await county.unroute("**/api/programme/compounds?*");
    await county.locator("label", { has: county.getByTestId("raise-to-compound") }).or(county.getByTestId("raise-to-compound")).first().click();
    await county.getByTestId("raise-title").fill("修复东门照明");
    await county.getByTestId("raise-due").fill(day(3));
    expect(await county.getByTestId("raise-all").count()).toBe(0);
    await county.getByRole("checkbox", { name: "安泰小区" }).check();
    await county.getByTestId("raise-go").click();
    await until(async () => (await column(county, "raised").count()) === 1, 5000);
    await until(async () => (await column(city, "raised").filter({ hasText: "安泰小区" }).count()) === 1, 5000);
    // A street's page, seen from the county, tells of its own tasks alone.
    await county.goto(`${compound.base}/area/${ids["银雀山街道"]}`);
    await until(async () => (await county.getByTestId("area-tasks").innerText()).includes("修复东门照明"), 5000);
    await county.goto(`${compound.base}/area/${ids["金坛街道"]}`);
    await county.getByTestId("area-tasks").getByText("没有").waitFor();
    expect(await county.getByTestId("area-tasks").innerText()).not.toContain("修复东门照明");
    // The rules are the whole city's.
    await city.goto(`${compound.base}/tasks/rules`);
    await city.getByTestId("rule-id").waitFor();
    // A rule half typed makes room for another one only when its writer says so.
    for (const name of ["first-red", "second-red"]) {
      await city.getByTestId("rule-id").fill(name);
      await city.getByTestId("rule-title").fill(`规则 ${name}`);
      await city.locator("form .el-switch").click(); // it raises nothing yet
      await city.getByTestId("rule-save").click();
      await city.getByTestId("rules").locator("tr", { hasText: name }).waitFor();
    }
    const title = city.getByTestId("rule-title");
    const edit = (name: string) => city.getByTestId("rules").locator("tr", { hasText: name }).getByTestId("rule-edit").click();
    await edit("first-red");
    await title.fill("半途");
    await edit("second-red");
    const asks = city.locator(".el-message-box", { hasText: "尚未保存" });
    await asks.locator(".el-message-box__btns button").first().click();
    await asks.waitFor({ state: "hidden" });
    expect(await title.inputValue()).toBe("半途");
    await edit("second-red");
    await asks.locator(".el-button--primary").click();
    await until(async () => (await title.inputValue()) === "规则 second-red");
    await county.goto(`${compound.base}/tasks/rules`);
    await county.getByTestId("rules").waitFor();
    expect(await county.getByTestId("rule-edit").count()).toBe(0);
    expect(await county.getByTestId("rule-id").count()).toBe(0);
  });

  it("tasks of one title are told apart in the inbox and signed for at once; one that somebody signed for meanwhile is named", async () => {
    const title = "补装大门探头";
    await call(city, "POST", "/api/supervision-tasks", { places: [ids["金阳花园"], ids["安泰小区"]], title, ask: "大门内外各一路", due: day(5) });
    await county.goto(`${compound.base}/inbox`);
    const group = county.locator(`[data-kind=task-sign] [data-title="${title}"]`);
    await until(async () => (await group.locator("li").count()) === 2, 5000);
    const said = await group.innerText();
    expect(said.split(title).length, "its title once").toBe(2);
    for (const word of ["银雀山街道 金阳花园", "银雀山街道 安泰小区", "大门内外各一路"]) expect(said).toContain(word);
    await county.getByTestId("sign-many").click();
    const dialog = county.locator(".el-dialog", { has: county.getByTestId("sign-go") });
    for (const name of ["金阳花园", "安泰小区"]) expect(await dialog.getByRole("checkbox", { name }).isChecked()).toBe(true);
    type Task = { id: string; version: number; name: string; title: string; state: string };
    const listed = async () => (await call<{ tasks: Task[] }>(county, "GET", "/api/supervision-tasks")).tasks.filter((x) => x.title === title);
    const other = (await listed()).find((x) => x.name === "安泰小区")!;
    await call(county, "POST", "/api/supervision-tasks/steps", { act: "sign", tasks: [{ id: other.id, version: other.version }] });
    await county.getByTestId("sign-go").click();
    const refused = county.getByTestId("sign-result").locator("li");
    await refused.first().waitFor();
    expect(await refused.count()).toBe(1);
    expect(await refused.innerText()).toContain("安泰小区");
    expect((await listed()).map((x) => x.state)).toEqual(["signed", "signed"]);
    await county.getByRole("button", { name: "关闭" }).last().click();
    await group.waitFor({ state: "detached" });
  });

  it("more tasks than an inbox names are signed for in turns, and how many are left is said", async () => {
    type Inbox = { groups: { kind: string; count: number }[] };
    const waiting = async () => (await call<Inbox>(county, "GET", "/api/inbox")).groups.find((g) => g.kind === "task-sign")?.count ?? 0;
    for (let i = 1; i <= 26; i++) await call(city, "POST", "/api/supervision-tasks", { places: [ids["金阳花园"], ids["安泰小区"]], title: `值守告示 ${i}`, ask: "张贴", due: day(6) });
    const all = await waiting();
    expect(all).toBeGreaterThanOrEqual(52);
    await county.goto(`${compound.base}/inbox`);
    await county.getByTestId("sign-many").click();
    expect(await county.getByTestId("sign-more").innerText()).toContain(`另有 ${all - 50} 件待签收`);
    if (process.env.SHOTS) await county.screenshot({ path: `${process.env.SHOTS}/sign-more.png` });
    // While it signs, the dialog is not left: nobody could say what came of it.
    let go = () => {};
    const gone = new Promise<void>((done) => (go = done));
    await county.route("**/api/supervision-tasks/steps", async (route) => {
      await gone;
      await route.continue();
    });
    await county.getByTestId("sign-go").click();
    await until(async () => county.getByTestId("sign-close").isDisabled());
    await county.keyboard.press("Escape");
    expect(await county.getByTestId("sign-go").isVisible()).toBe(true);
    go();
    await county.getByTestId("sign-go").waitFor({ state: "hidden" });
    await county.unroute("**/api/supervision-tasks/steps");
    expect(await waiting()).toBe(all - 50);
    await county.locator("[data-kind=task-sign] li").nth(all - 51).waitFor();
    await county.getByTestId("sign-many").click();
    expect(await county.getByTestId("sign-more").count()).toBe(0);
    await county.getByTestId("sign-go").click();
    await until(async () => (await waiting()) === 0);
    // They were for this story only.
    type Task = { id: string; version: number; title: string };
    const made = (await call<{ tasks: Task[] }>(city, "GET", "/api/supervision-tasks?limit=500")).tasks.filter((x) => x.title.startsWith("值守告示"));
    expect(made).toHaveLength(52);
    await call(city, "POST", "/api/supervision-tasks/withdrawals", { tasks: made.map(({ id, version }) => ({ id, version })), note: "已由社区统一张贴" });
  }, 90_000);

  it("a county's return is filled in, checked, approved, locked and unlocked", async () => {
    const month = day(0).slice(0, 7);
    const where = `${compound.base}/returns/${ids["兰山区"]}/${month}`;
    await county.goto(where);
    const row = county.locator(`[data-compound="${ids["安泰小区"]}"]`);
    await row.getByTestId("tick-networked").check();
    // What is ticked and not handed in is asked about before it is left, and stays when it is not.
    await county.locator(".page-head .up a").click();
    const asks = county.locator(".el-message-box", { hasText: "尚未保存" });
    await asks.locator(".el-message-box__btns button").first().click();
    await asks.waitFor({ state: "hidden" });
    expect(county.url()).toBe(where);
    expect(await row.getByTestId("tick-networked").isChecked()).toBe(true);
    await county.getByTestId("return-check").click();
    let said = "";
    await until(
      async () => (said = await county.getByTestId("soft").innerText()).includes("安泰小区 未报建成即报联网"),
      5000,
      () => said,
    );
    expect(await county.getByTestId("return-send").isDisabled()).toBe(true);
    await row.getByTestId("tick-built").check(); // mended: what was found is looked for anew
    await until(async () => (await county.getByTestId("soft").count()) === 0, 5000);
    await county.getByTestId("return-check").click();
    await county.getByTestId("return-confirm").check(); // the months before have not come
    await county.getByTestId("return-send").click();
    await county.getByTestId("return-last").waitFor();
    expect(await county.getByTestId("approve").count()).toBe(0); // who handed it in may not decide
    await city.goto(where);
    await city.getByTestId("approve").click();
    await city.getByTestId("unlock").waitFor();
    const at = await call<{ networked: { basis: string } }>(city, "GET", `/api/programme/compounds/${ids["安泰小区"]}`);
    expect(at.networked.basis).toBe("return");
    await city.getByTestId("decide-note").fill("日期有误");
    await city.getByTestId("unlock").click();
    await until(async () => (await city.getByTestId("return-last").innerText()).includes("日期有误"), 5000);
    await city.goto(`${compound.base}/returns`);
    await until(async () => (await city.getByTestId("return-table").innerText()).includes("已解锁"), 5000);
  });

  it("a drive has its activity, a photo without its position, a follow-up and a notice", async () => {
    await call(city, "PUT", "/api/campaigns/drive", {
      name: "集中攻坚月",
      from: day(-20),
      until: day(10),
      goals: [{ strand: "publicity", text: "集中宣传" }],
    });
    await city.goto(`${compound.base}/campaigns`);
    await city.getByTestId("activity-add").click();
    await city.getByTestId("a-title").fill("集中宣传日");
    await city.getByTestId("a-day").fill(day(-1));
    await city.getByTestId("a-place").click();
    await city.getByRole("option", { name: "兰山区" }).click();
    await city.getByTestId("a-handed").fill("宣传页 | 金阳花园东门 | 300");
    await city.getByTestId("a-save").click();
    await until(async () => (await city.getByTestId("activity").innerText()).includes("金阳花园东门"), 5000);

    // A picture of the page's own, with a position put into it as phones do.
    const drawn = await city.evaluate(() => {
      const canvas = document.createElement("canvas");
      canvas.width = 64;
      canvas.height = 48;
      canvas.getContext("2d")!.fillRect(0, 0, 30, 48);
      return canvas.toDataURL("image/jpeg").split(",")[1]!;
    });
    const jpeg = Buffer.from(drawn, "base64");
    const exif = Buffer.from("Exif\0\0GPS 35.0518N 118.3425E");
    const buffer = Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from([0xff, 0xe1, 0, exif.length + 2]),
      exif,
      jpeg.subarray(2),
    ]);
    await city.getByTestId("photo-file").setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer });
    await city.getByTestId("photo-add").click();
    const image = city.getByTestId("photos").locator("img");
    await until(
      async () => (await image.count()) === 1 && (await image.evaluate((i: HTMLImageElement) => i.naturalWidth)) === 64,
      8000,
    );
    const kept = await city.request.get(`${compound.base}${await image.getAttribute("src")}`);
    expect(kept.headers()["content-type"]).toBe("image/jpeg");
    expect((await kept.body()).includes("35.0518N")).toBe(false);
    // A photo goes after a question, not by one click.
    await city.getByTestId("photo-remove").click();
    await city.locator(".el-message-box__btns button").first().click();
    await city.locator(".el-message-box").waitFor({ state: "hidden" });
    await city.reload();
    await image.waitFor();

    await city.getByTestId("follow-title").fill("推广做法");
    await city.getByTestId("follow-due").fill(day(9));
    await city.getByTestId("follow-places").click();
    await city.getByRole("option", { name: "罗庄区" }).click();
    await city.keyboard.press("Escape");
    await city.getByTestId("follow-go").click();
    await until(async () => (await city.getByTestId("follow-ups").innerText()).includes("推广做法"), 5000);
    // A county office reads of the activity, and raises no task for a county.
    await county.goto(city.url());
    await county.getByTestId("activity").waitFor();
    await county.getByText("没有后续督办").waitFor(); // its neighbour's task is not its own
    expect(await county.getByTestId("follow-go").count()).toBe(0);

    await city.goto(`${compound.base}/campaigns/notices`);
    await city.getByTestId("n-title").fill("告居民书");
    await city.getByTestId("n-day").fill(day(0));
    await city.getByTestId("n-place").click();
    await city.getByRole("option", { name: "兰山区" }).click();
    await city.getByTestId("n-body").fill("第一段\n联系电话 13812345678");
    await city.getByTestId("n-signed").fill("兰山区综治办");
    await city.getByTestId("n-save").click();
    await until(async () => (await city.locator(".el-form-item__error").allInnerTexts()).join("").length > 0, 5000); // no telephone numbers
    await city.getByTestId("n-body").fill("第一段\n第二段");
    await city.getByTestId("n-save").click();
    // Who wrote it does not publish it: the county's office does, where it waits.
    await until(async () => (await city.getByTestId("notices").innerText()).includes("须由另一人发布"), 5000);
    expect(await city.getByTestId("notice-publish").count()).toBe(0);
    await county.goto(`${compound.base}/inbox`);
    await county.locator("[data-kind=notice-publish]").getByRole("link", { name: "告居民书" }).click();
    await county.getByTestId("publish-here").click();
    await county.locator(".el-message-box .el-button--primary").click();
    await county.getByTestId("to-public").waitFor();
    // And those who live there read it without signing in.
    const { context: street, page: resident } = await openPage(browser);
    contexts.push(street);
    await resident.goto(`${compound.base}/notices/${ids["金阳花园"]}`);
    await resident.getByTestId("public-notice").waitFor();
    expect(await resident.getByTestId("public-notice").innerText()).toContain("第二段");
    await resident.goto(`${compound.base}/notices/${ids["罗庄区"]}`);
    await resident.getByText("目前没有已发布的告居民书").waitFor();
    await until(async () => (await city.getByTestId("notices").innerText()).includes("已发布"), 5000);
    await city.locator("[data-testid=notices]").getByRole("link", { name: "告居民书" }).click();
    await city.getByTestId("notice-sheet").waitFor();
    await city.emulateMedia({ media: "print" });
    expect(await city.locator("header.head").isVisible()).toBe(false);
    expect(await city.getByTestId("programme-menu").isVisible()).toBe(false);
    const pdf = await city.pdf({ format: "A4" });
    expect((pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length).toBe(1);
    await city.emulateMedia({ media: null });
  });
});
