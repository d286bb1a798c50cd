// An office's list: uploaded, its bad cells seen and mended, imported, seen in the register, taken back.
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";
import { xlsx } from "./sheet";

const CHOSEN = "a-quiet-evening-7";
const HEADS = ["序号", "县区", "街道", "社区", "小区名称", "类别", "评定依据", "佐证材料", "保安人数", "路灯（盏）", "备注"];
let hub: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];

beforeAll(async () => {
  hub = await startCompound(1);
  browser = await launch();
  ({ context, page, said } = await openPage(browser));
  await signIn(page, hub.base, "operator", [hub.passwords.operator!, CHOSEN]);
  let parent: string | undefined;
  for (const [level, name] of [["city", "临沂市"], ["county", "兰山区"], ["street", "银雀山街道"], ["community", "东苗庄社区"]]) {
    parent = await found({ level, name, parent });
  }
}, 90_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await hub?.stop();
});

async function found(place: Record<string, string | undefined>): Promise<string> {
  return page.evaluate(async (p) => {
    const reply = await fetch("/api/places", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...p, from: "2020-01-01" }) });
    if (!reply.ok) throw new Error(await reply.text());
    return (await reply.json()).place as string;
  }, place);
}

const compounds = async () => ((await (await page.request.get(`${hub.base}/api/places?level=compound`)).json()) as { places: { place: string; name: string }[] }).places;

const send = (name: string, rows: string[][]) => page.getByTestId("sheet-file").setInputFiles({ name, mimeType: "application/octet-stream", buffer: xlsx("汇总", rows) });
const result = (state: string) => page.locator(`[data-testid=sheet-result][data-state=${state}]`).waitFor({ timeout: 20_000 });

describe("an office's list", () => {
  const good = ["1", "兰山区", "银雀山", "东苗庄社区", "金阳花园", "示范小区", "创建标准", "核查表", "4", "12", ""];

  it("is refused whole when it asks about residents, with the reason", async () => {
    await page.goto(`${hub.base}/lists`);
    await send("住户.xlsx", [["社区", "小区名称", "业主姓名"], ["东苗庄社区", "金阳花园", "x"]]);
    await page.getByTestId("problem").waitFor();
    const words = await page.getByTestId("problem").innerText();
    expect(words).toContain("涉及居民个人信息");
    expect(words).toContain("业主姓名");
    // A browser's own line about the reply that said no to the list; a hub without a programme has nothing to complain of.
    expect(said.filter((s) => !s.includes("422"))).toEqual([]);
    said.length = 0;
  });

  it("shows every bad cell where the sheet has it, and stores nothing", async () => {
    await send("9月.xlsx", [["平安小区情况统计表"], HEADS, good,
      ["2", "兰山区", "银雀山", "东苗社区", "银杏小区", "", "", "", "两名", "6", ""],
      ["3", "兰山区", "银雀山", "东苗庄社区", "玉兰小区", "优秀", "", "", "1", "6", ""],
      ["合计", "", "", "", "", "", "", "", "6", "24", ""]]);
    await result("checked");
    const rows = page.locator("[data-testid=sheet-bad] tbody tr");
    expect(await rows.count()).toBe(3);
    const text = await page.getByTestId("sheet-bad").innerText();
    for (const part of ["D4", "东苗庄社区", "I4", "两名", "F5", "优秀", "示范、帮扶、其他"]) expect(text).toContain(part);
    await page.locator("label", { has: page.getByTestId("kind-choice") }).or(page.getByTestId("kind-choice")).first().click();
    await until(async () => (await rows.count()) === 1);
    expect(await compounds()).toEqual([]);
    const bad = page.waitForEvent("download");
    await page.getByTestId("sheet-bad-rows").click();
    expect(readFileSync((await (await bad).path())!).subarray(0, 2).toString()).toBe("PK");
  });

  it("is checked anew for the day that was typed, once it is whole", async () => {
    const days: (string | null)[] = [];
    page.on("request", (r) => {
      const url = new URL(r.url());
      if (r.method() === "POST" && url.pathname === "/api/sheet-imports") days.push(url.searchParams.get("from"));
    });
    const field = page.locator(".from input");
    await field.pressSequentially("2020-09-27", { delay: 120 });
    await until(async () => days.length > 0 && !(await field.isDisabled()));
    expect(days).toEqual(["2020-09-27"]);
    expect(await field.inputValue()).toBe("2020-09-27");
    // Half a day is waited for, and counts when the field is left.
    await field.fill("");
    await until(async () => days.length === 2 && !(await field.isDisabled()));
    await field.pressSequentially("2020-9-2", { delay: 120 });
    expect(days).toEqual(["2020-09-27", null]);
    await field.blur();
    await until(async () => days.length === 3 && !(await field.isDisabled()));
    expect(days[2]).toBe("2020-09-02");
    expect(await field.inputValue()).toBe("2020-09-02");
    // The calendar stays when it is clicked beside its days.
    await page.locator(".from .day-button button").click();
    await page.getByTestId("day-calendar").locator("header b").click();
    expect(await page.getByTestId("day-calendar").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await field.fill("");
    await until(async () => days.length === 4 && !(await field.isDisabled()));
    await result("checked");
  });

  it("goes in when it is mended, and the register has it", async () => {
    await send("9月.xlsx", [HEADS, good, ["2", "兰山区", "银雀山", "东苗庄社区", "银杏小区", "", "", "", "2", "6", ""]]);
    await page.getByTestId("sheet-commit").click();
    await result("done");
    await until(async () => (await compounds()).length === 2);
    const id = (await compounds()).find((c) => c.name === "金阳花园")!.place;
    const record = (await (await page.request.get(`${hub.base}/api/compounds/${id}`)).json()) as { class: string; assets: { sort: string; number: number }[] };
    expect(record.class).toBe("demonstration");
    expect(record.assets).toEqual(expect.arrayContaining([expect.objectContaining({ sort: "light", number: 12 })]));
    await page.locator("[data-testid=sheet-imports] tbody tr").first().waitFor();
    expect(await page.getByTestId("sheet-imports").innerText()).toContain("9月.xlsx");
  });

  it("pasted again with another number, it says what it was last time and what would change", async () => {
    await page.getByTestId("sheet-again").click();
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    }, "社区\t小区名称\t路灯\n东苗庄社区\t金阳花园\t15\n");
    await result("checked");
    expect(await page.getByTestId("sheet-look").innerText()).toContain("与您上次上报的“12”不同");
    expect(await page.getByTestId("sheet-changes").innerText()).toMatch(/金阳花园\s+路灯（盏）\s+12\s+15/);
    await page.getByTestId("sheet-drop").click();
    await page.getByTestId("sheet-result").waitFor({ state: "hidden" });
  });

  it("has a column of the sender's own that is told once and remembered", async () => {
    const rows = [["社区", "小区名称", "亮灯"], ["东苗庄社区", "金阳花园", "20"]];
    await send("a.xlsx", rows);
    await result("checked");
    await page.getByTestId("sheet-columns").click();
    await page.locator("tr[data-column=C] .el-select").click();
    await page.getByRole("option", { name: "路灯" }).click();
    await page.getByTestId("sheet-changes").waitFor();
    await page.getByTestId("sheet-commit").click();
    await result("done");
    await page.getByTestId("sheet-again").click();
    await send("b.xlsx", [rows[0]!, ["东苗庄社区", "金阳花园", "21"]]);
    await result("checked");
    expect(await page.getByTestId("sheet-changes").innerText()).toMatch(/20\s+21/);
  });

  it("is taken back", async () => {
    await page.getByTestId("sheet-undo").click();
    await page.locator(".el-message-box__btns .el-button--primary").click();
    await until(async () => (await page.getByTestId("sheet-imports").innerText()).includes("已撤销"));
    const id = (await compounds()).find((c) => c.name === "金阳花园")!.place;
    const record = (await (await page.request.get(`${hub.base}/api/compounds/${id}`)).json()) as { assets: { sort: string; number: number }[] };
    expect(record.assets).toEqual(expect.arrayContaining([expect.objectContaining({ sort: "light", number: 12 })]));
    expect(said).toEqual([]);
  });

  it("takes divisions, and what a building has, each as a list of its own kind", async () => {
    const kind = (k: string) => page.locator("label", { has: page.getByTestId(`list-${k}`) }).or(page.getByTestId(`list-${k}`)).first().click();
    await kind("divisions");
    await send("区划.xlsx", [["县区", "街道", "社区", "区划代码"], ["兰山区", "柳青街道", "", "371302005"], ["兰山区", "柳青街道", "北园社区", ""], ["兰山区", "柳清街道", "新村", ""]]);
    await result("checked");
    expect(await page.getByTestId("sheet-bad").innerText()).toMatch(/B4[^]*柳清街道/);
    await page.getByTestId("sheet-commit-good").click();
    await result("done");
    await kind("buildings");
    await page.getByTestId("sheet-result").waitFor({ state: "hidden" });
    await send("楼栋.xlsx", [["小区", "楼号", "门禁", "出入口摄像头"], ["金阳花园", "1号楼", "4", "2"]]);
    await result("checked");
    expect(await page.getByTestId("sheet-bad").innerText()).toContain("没有登记这栋楼");
    await page.getByTestId("sheet-create").click();
    await page.getByTestId("sheet-commit").click();
    await result("done");
    const places = async (level: string) => ((await (await page.request.get(`${hub.base}/api/places?level=${level}`)).json()) as { places: { name: string }[] }).places.map((p) => p.name);
    expect(await places("community")).toContain("北园社区");
    expect(await places("building")).toEqual(["1号楼"]);
    expect(said).toEqual([]);
    await kind("compounds");
  });

  it("takes what a compound has: channels, areas, protection with its condition", async () => {
    const kind = (k: string) => page.locator("label", { has: page.getByTestId(`list-${k}`) }).or(page.getByTestId(`list-${k}`)).first().click();
    const id = (await compounds()).find((c) => c.name === "金阳花园")!.place;
    const asked = async <T>(path: string) => (await (await page.request.get(`${hub.base}${path}`)).json()) as T;
    const go = async (k: string, name: string, rows: string[][], bad: string) => {
      await kind(k);
      await page.getByTestId("sheet-result").waitFor({ state: "hidden" });
      await send(name, rows);
      await result("checked");
      expect(await page.getByTestId("sheet-bad").innerText()).toContain(bad);
      await page.getByTestId("sheet-commit-good").click();
      await result("done");
    };
    await go("channels", "探头.xlsx", [["小区", "监控名称", "所在区域", "状态"], ["金阳花园", "东门 1", "大门", ""], ["金阳花园", "中心路", "道路", "已联网"], ["金阳花园", "食堂", "食堂", ""]], "楼栋出入口");
    const channels = (await asked<{ channels: { name: string; area: string; state: string; seen: boolean }[] }>(`/api/compounds/${id}/channels`)).channels;
    expect(channels.map((c) => [c.name, c.area, c.state, c.seen])).toEqual([["东门 1", "gate", "installed", false], ["中心路", "road", "networked", false]]);
    const file = page.waitForEvent("download");
    await page.getByTestId("export-csv").click();
    expect(readFileSync((await (await file).path())!, "utf8")).toContain("金阳花园,东门 1,大门,已安装");
    await go("areas", "区域.xlsx", [["小区", "区域名称", "类型"], ["金阳花园", "东门", "大门"], ["金阳花园", "后门", ""]], "必填");
    await go("assets", "设施.xlsx", [["小区", "设施", "数量", "状况", "检查日期"], ["金阳花园", "围墙", "2", "老化", "2024-01-05"], ["金阳花园", "大门", "2", "一般", ""]], "完好、老化、损坏");
    const record = await asked<{ areas: { name: string }[]; assets: { sort: string; condition?: string; checked?: string }[] }>(`/api/compounds/${id}`);
    expect(record.areas.map((a) => a.name)).toEqual(["东门"]);
    expect(record.assets).toEqual(expect.arrayContaining([expect.objectContaining({ sort: "fence", number: 2, condition: "worn", checked: "2024-01-05" })]));
    await page.getByTestId("sheet-undo").click();
    await page.locator(".el-message-box__btns .el-button--primary").click();
    await until(async () => !(await asked<{ assets: { sort: string }[] }>(`/api/compounds/${id}`)).assets.some((a) => a.sort === "fence"));
    expect(said).toEqual([]);
    await kind("compounds");
  });

  it("says of a long list how far it is, while it is checked and while it goes in, and lets go of it in the middle", async () => {
    await page.goto(`${hub.base}/lists`);
    const many = 90_000; // checked in some seconds, whatever the machine: there is a middle
    const rows = Array.from({ length: many }, (_, i) => `东苗庄社区,长表${i + 1}号小区,${i % 40}`);
    await page.evaluate(() => {
      const seen = { read: [] as number[], share: [] as number[], let: false };
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const working = document.querySelector("[data-testid=sheet-working]");
        if (!working) return;
        seen.read.push(Number(/\d+/.exec(working.querySelector(".figures")!.textContent!)![0]));
        const bar = working.querySelector("[role=progressbar]");
        if (!bar) return;
        const share = Number(bar.getAttribute("aria-valuenow"));
        seen.share.push(share);
        // In the middle, and at once: a fast machine is through before anybody asks it from outside.
        if (share <= 0 || share >= 100 || seen.let) return;
        seen.let = true;
        [...working.querySelectorAll("button")].find((b) => b.textContent!.includes("取消"))!.click();
      }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    const seen = () => page.evaluate(() => (window as unknown as { seen: { read: number[]; let: boolean } }).seen);
    await page.getByTestId("sheet-file").setInputFiles({ name: "长表.csv", mimeType: "text/csv", buffer: Buffer.from(["社区,小区名称,路灯", ...rows].join("\n")) });
    await page.locator("[data-testid=sheet-result][data-state=checked]").waitFor({ timeout: 120_000 });
    expect(await page.getByTestId("sheet-result").innerText()).toMatch(/90,?000/);
    const checked = (await seen()).read;
    expect(checked.some((n) => n > 0 && n < many)).toBe(true);
    expect(checked).toEqual([...checked].sort((a, b) => a - b)); // it never goes back
    await page.getByTestId("sheet-commit").click();
    await page.locator("[data-testid=sheet-result][data-state=cancelled]").waitFor({ timeout: 60_000 });
    expect((await seen()).let).toBe(true);
    expect((await compounds()).filter((c) => c.name.startsWith("长表"))).toEqual([]);
    expect(said).toEqual([]);
  }, 240_000);

  it("fits on a phone", async () => {
    await page.setViewportSize(NARROW);
    await send("c.xlsx", [HEADS, [...good.slice(0, 8), "x", "y", ""]]);
    await page.getByTestId("sheet-bad").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});
