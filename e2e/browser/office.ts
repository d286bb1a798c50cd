// What else the programme office does in a day, told on the city's server: an indicator with its target, how sure a forecast is, what
// protects the city, who changed what, a compound's papers in one file, the letterhead, a form from a workbook, and the demo's clock.
import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, until } from "./server";
import { xlsx } from "./sheet";

type Numbers = Record<string, number>;

export function officeStories(at: () => { city: Compound; browser: Browser; chosen: string }): void {
  describe("a day in the programme office", () => {
    let office: Page;
    let context: BrowserContext;
    let said: string[];
    const base = () => at().city.base;
    const json = async <T>(path: string) => (await (await office.request.get(base() + path)).json()) as T;
    const figures = (f: Numbers | undefined, key: string) => f![key]!.toLocaleString("en");

    beforeAll(async () => {
      const { city, browser, chosen } = at();
      ({ page: office, context, said } = await openPage(browser));
      await signIn(office, city.base, "city", [chosen, city.passwords.city!, chosen]);
      said.length = 0; // a password that is not the one yet, or no longer
    }, 60_000);
    afterAll(() => context?.close());

    it("an indicator: a formula that is none is refused where it is written, a good one has its value, its trend and a target", async () => {
      await office.goto(`${base()}/indicators`);
      await office.getByTestId("indicator-add").click();
      await office.getByTestId("indicator-id").fill("built-share");
      await office.getByTestId("indicator-name").fill("小区建成率");
      const formula = office.getByTestId("indicator-formula");
      const refused = office.getByTestId("indicator-form").locator(".el-form-item__error");
      for (const [text, says] of [["built / (compounds", "右括号"], ["budget * 2", "budget"]] as const) {
        await formula.fill(text);
        await refused.filter({ hasText: says }).waitFor();
        expect(await office.getByTestId("indicator-save").isDisabled()).toBe(true);
        expect(await office.getByTestId("indicator-value").innerText()).toBe("");
      }
      await formula.fill("built / compounds * 100");
      const { figures: f } = await json<{ figures: Numbers }>("/api/programme/city");
      const share = String(Math.round((f.built! / f.compounds!) * 10_000) / 100);
      await until(async () => (await office.getByTestId("indicator-value").innerText()).includes(share));
      await until(async () => (await refused.count()) === 0); // it fades
      // What cannot be tried is said, with a way on: until then nothing is saved.
      let down = true;
      await office.route("**/api/indicators/trial*", (route) => (down ? route.abort() : route.continue()));
      await formula.fill("built / compounds * 100 + 0");
      const problem = office.getByTestId("indicator-form").getByTestId("problem");
      await problem.waitFor();
      expect(await office.getByTestId("indicator-save").isDisabled()).toBe(true);
      down = false;
      await problem.getByRole("button").click();
      await until(async () => office.getByTestId("indicator-save").isEnabled());
      expect(await problem.count()).toBe(0);
      await office.unroute("**/api/indicators/trial*");
      await formula.fill("built / compounds * 100");
      await until(async () => office.getByTestId("indicator-save").isEnabled());
      expect(said.splice(0).filter((line) => !/422|ERR_FAILED/.test(line))).toEqual([]); // the formulas, and the network that was away
      await office.getByTestId("indicator-save").click();
      const row = office.locator("[data-indicator=built-share]");
      await row.locator("svg").first().waitFor();
      expect(await row.locator(".value").innerText()).toBe(share);
      await row.getByRole("button", { name: "目标" }).click();
      await office.getByTestId("target-date").fill("2017-12-31");
      await office.locator(".el-dialog .el-input-number input").fill("90");
      await office.locator(".el-dialog .el-input-number input").press("Tab");
      // A click beside the dialog throws nothing away that was typed.
      await office.locator(".el-overlay-dialog").click({ position: { x: 5, y: 300 } });
      await office.getByTestId("target-save").click();
      await until(async () => /2017-12-31[\s\S]*90/.test(await row.innerText()));
      await row.getByTestId("history-open").click();
      const turns = office.getByTestId("history-list").locator("li");
      await turns.first().waitFor();
      expect(await turns.first().innerText()).toMatch(/\d{4}-\d\d-\d\d/);
      await office.keyboard.press("Escape");
      // A half-typed form makes room for another one, or for another reading of the day, only when its writer says so.
      await office.goto(`${base()}/indicators?at=2017-08-31&known=now`);
      await office.getByTestId("indicator-add").click();
      const name = office.getByTestId("indicator-name");
      await name.fill("半途");
      const asks = office.locator(".el-message-box", { hasText: "尚未保存" });
      const stay = async () => {
        await asks.locator(".el-message-box__btns button").first().click();
        await asks.waitFor({ state: "hidden" });
        expect(await name.inputValue()).toBe("半途");
      };
      await office.getByTestId("as-of-today").click();
      await stay();
      expect(office.url()).toContain("known=now");
      await row.getByTestId("indicator-edit").click();
      await stay();
      await row.getByTestId("indicator-edit").click();
      await asks.locator(".el-button--primary").click();
      await until(async () => (await name.inputValue()) === "小区建成率");
      expect(said).toEqual([]);
    }, 90_000);

    it("a forecast says its day and between which days it lies, and draws both", async () => {
      await office.goto(`${base()}/city`);
      const f = await json<{ what: string; middle?: string; early?: string; late?: string; no_end?: boolean; pace: number[] }>("/api/programme/forecast?what=built");
      const line = office.locator("[data-testid=forecast] li[data-what=built]");
      await line.waitFor();
      const words = await line.innerText();
      expect(f.no_end ?? false).toBe(false);
      for (const day of [f.middle, f.early, f.late].filter(Boolean)) expect(words).toContain(day);
      expect(f.early! < f.middle!).toBe(true);
      for (const n of f.pace) expect(words).toContain(n.toLocaleString("en"));
      const [band, middle] = await Promise.all([line.locator(".band").boundingBox(), line.locator(".middle").boundingBox()]);
      expect(band!.width).toBeGreaterThan(4);
      expect(middle!.x).toBeGreaterThan(band!.x - 2);
      expect(middle!.x).toBeLessThan(band!.x + band!.width + 2);
    });

    it("what protects the city adds up over its counties, and what is built by what it rests on", async () => {
      // The demo tells of no building: one gets its door.
      const [{ compound }] = (await json<{ compounds: [{ compound: string }] }>("/api/compounds?search=jyhy")).compounds;
      const { today } = await json<{ today: string }>("/api/programme");
      const say = async (path: string, data: object, headers: Record<string, string> = {}) => {
        const reply = await office.request.post(base() + path, { data, headers: { Origin: base(), ...headers } });
        expect(reply.status(), await reply.text()).toBeLessThan(300);
        return reply.json().catch(() => null);
      };
      const { place: building } = await say("/api/places", { level: "building", name: "1 号楼", parent: compound, from: today });
      const etag = (await office.request.get(`${base()}/api/compounds/${compound}`)).headers().etag!;
      await say(`/api/compounds/${compound}/assets`, { from: today, assets: [{ sort: "access-control", building, number: 1 }] }, { "If-Match": etag });
      const coverage = office.getByTestId("coverage");
      await coverage.locator("[data-coverage=access_buildings]", { hasText: "1" }).waitFor();
      const { figures: f, counties } = await json<{ figures: Numbers; counties: Numbers[] }>("/api/programme/city");
      for (const key of ["protection_people", "protection_physical", "protection_technical", "access_buildings"]) {
        expect(f[key]).toBeGreaterThan(0);
        expect(counties.reduce((n, c) => n + c[key]!, 0)).toBe(f[key]);
        expect(await coverage.locator(`[data-coverage=${key}] b`).innerText()).toBe(figures(f, key));
      }
      // A column for what some building has, none for what none has.
      expect(await coverage.locator("thead th").count()).toBe(1 + 3 + 1);
      for (const key of ["door_buildings", "light_buildings", "camera_buildings", "intercom_buildings", "alarm_buildings"]) expect([key, f[key]]).toEqual([key, 0]);
      const by = async (key: string) => Number((await coverage.locator(`[data-basis=${key}] b`).innerText()).replace(/,/g, ""));
      expect((await by("built-seen")) + (await by("built-return"))).toBe(f.built);
      expect(await by("listed")).toBe(f.listed); // and counts as neither
      expect((await by("networked-seen")) + (await by("networked-return"))).toBe(f.networked);
      expect((await by("channels-seen")) + (await by("channels-typed"))).toBe(f.channels_networked);
    });

    it("fewer than ten volunteers of a compound are told to nobody outside of it; the sum of one compound is not told", async () => {
      type Asset = { sort: string; number: number; few?: boolean };
      const { compounds } = await json<{ compounds: { compound: string; adds?: number }[] }>("/api/programme/compounds?figure=protection_people&limit=60");
      let few = "";
      for (const { compound, adds } of compounds) {
        expect(adds ?? 0).toBe(0);
        const { assets } = await json<{ assets: Asset[] }>(`/api/compounds/${compound}`);
        const volunteers = assets.find((a) => a.sort === "volunteer");
        if (!few && volunteers?.few) few = compound;
        expect(volunteers === undefined || volunteers.number === 0 || volunteers.number >= 10).toBe(true);
      }
      await office.goto(`${base()}/compounds/${few}`);
      await office.getByTestId("protection").locator("td", { hasText: /^(少于10人|fewer than 10)$/ }).waitFor();
      // Who types a new number begins with none: what is not told is not written back as 0.
      const open = office.getByTestId("protection").locator("[data-count=volunteer]");
      if (await open.count()) {
        await open.click();
        await office.getByTestId("count-few").waitFor();
        expect(await office.locator("#k-number").inputValue()).toBe("");
        expect(await office.getByTestId("count-save").isDisabled()).toBe(true);
        await office.keyboard.press("Escape");
      }
      await office.goto(`${base()}/rows?figure=protection_people`);
      await office.getByTestId("rows-apart").waitFor();
      expect(await office.getByTestId("rows").locator("thead th").count()).toBe(9);
    }, 90_000);

    it("a compound's page has who changed what, and all its papers in one file", async () => {
      const [{ compound }] = (await json<{ compounds: [{ compound: string }] }>("/api/compounds?search=jyhy")).compounds;
      await office.goto(`${base()}/compounds/${compound}`);
      await office.getByTestId("history-open").first().click();
      const list = office.getByTestId("history-list");
      await list.locator("li").first().waitFor();
      const { changes } = await json<{ changes: { act: string }[] }>(`/api/compounds/${compound}/changes`);
      expect(await list.locator("li").count()).toBe(changes.length);
      expect(await list.innerText()).not.toMatch(/history\.|place\./); // each has its words
      await office.keyboard.press("Escape");
      const [file] = await Promise.all([office.waitForEvent("download"), office.getByTestId("evidence").click()]);
      expect(file.suggestedFilename()).toMatch(/金阳花园.*\.zip$/);
      const bytes = readFileSync((await file.path())!);
      expect(bytes.subarray(0, 2).toString()).toBe("PK");
      expect(bytes.length).toBeGreaterThan(1000);
    });

    it("the office's letterhead: typed while somebody else saves, saved, and on the next draft; a template that is none is refused", async () => {
      await office.goto(`${base()}/bulletins/office`);
      const signer = office.getByTestId("signer");
      await until(async () => (await signer.inputValue()) !== "");
      await signer.fill("临沂市综治办（值班）");
      const [mine] = (await json<{ offices: { place: string; version: number; prefix: string; signer: string; first: number }[] }>("/api/bulletin-offices")).offices;
      const put = await office.request.put(`${base()}/api/bulletin-offices/${mine!.place}`, {
        data: { prefix: "临平创通报", signer: mine!.signer, first: mine!.first },
        headers: { "If-Match": `"${mine!.version}"`, Origin: base() },
      });
      expect(put.status(), await put.text()).toBeLessThan(300);
      await until(async () => (await office.getByTestId("prefix").inputValue()) === "临平创通报");
      expect(await signer.inputValue()).toBe("临沂市综治办（值班）");
      // Somebody else signs as well: that stays said while a file comes in, until it is saved.
      const starter = await office.request.get(`${base()}/api/bulletin-starter`);
      expect(await office.getByTestId("office-meanwhile").count()).toBe(0);
      const [theirs] = (await json<{ offices: { version: number; first: number }[] }>("/api/bulletin-offices")).offices;
      const signed = await office.request.put(`${base()}/api/bulletin-offices/${mine!.place}`, {
        data: { prefix: "临平创通报", signer: "临沂市综治办（他人）", first: theirs!.first },
        headers: { "If-Match": `"${theirs!.version}"`, Origin: base() },
      });
      expect(signed.status(), await signed.text()).toBeLessThan(300);
      await office.getByTestId("office-meanwhile").waitFor();
      await office.getByTestId("template-file").setInputFiles({ name: "旧头.docx", mimeType: "application/octet-stream", buffer: await starter.body() });
      await office.getByRole("link", { name: "旧头.docx" }).waitFor();
      expect([await signer.inputValue(), await office.getByTestId("office-meanwhile").count()]).toEqual(["临沂市综治办（值班）", 1]);
      await office.getByTestId("save-office").click();
      await office.getByTestId("office-meanwhile").waitFor({ state: "detached" });
      await office.getByText("已保存").first().waitFor();
      const [now] = (await json<{ offices: { prefix: string; signer: string }[] }>("/api/bulletin-offices")).offices;
      expect([now!.prefix, now!.signer]).toEqual(["临平创通报", "临沂市综治办（值班）"]);

      await office.getByTestId("template-file").setInputFiles({ name: "通报.docx", mimeType: "application/octet-stream", buffer: Buffer.from("no document") });
      await office.getByTestId("problem").waitFor();
      await office.getByTestId("template-file").setInputFiles({ name: "红头.docx", mimeType: "application/octet-stream", buffer: await starter.body() });
      await office.getByRole("link", { name: "红头.docx" }).waitFor();
      expect(await office.getByTestId("problem").count()).toBe(0);

      // Who is in two offices sees whose form it is, and what is typed into one does not go for the other unasked.
      await office.route("**/api/bulletin-offices", async (route) => {
        const { offices } = (await (await route.fetch()).json()) as { offices: object[] };
        await route.fulfill({ json: { offices: [...offices, { ...offices[0], place: "second", name: "兰山区", signer: "兰山区综治办" }] } });
      });
      await office.reload();
      const whose = office.getByTestId("by-office");
      await whose.waitFor();
      expect(await whose.inputValue()).toBe(mine!.place);
      const first = office.locator("input[type=number]");
      await first.fill("");
      await office.getByTestId("save-office").click();
      await until(async () => (await first.inputValue()) === "0"); // nothing typed is none: it is saved, and not asked about
      await whose.selectOption("second");
      await until(async () => (await signer.inputValue()) === "兰山区综治办");
      await signer.fill("未存");
      await whose.selectOption(mine!.place);
      const asks = office.locator(".el-message-box", { hasText: "尚未保存" });
      await asks.locator(".el-message-box__btns button").first().click();
      await asks.waitFor({ state: "hidden" });
      expect([await whose.inputValue(), await signer.inputValue()]).toEqual(["second", "未存"]);
      await whose.selectOption(mine!.place);
      await asks.locator(".el-button--primary").click();
      await until(async () => (await signer.inputValue()) === "临沂市综治办（值班）");
      await office.unroute("**/api/bulletin-offices");

      await office.goto(`${base()}/bulletins`);
      await office.getByTestId("draft-begin").first().click();
      await office.getByTestId("paper").waitFor();
      expect(await office.getByTestId("paper").innerText()).toContain("临沂市综治办（值班）");
      // Somebody of the office saves another title meanwhile: it follows, and what is being typed here stays.
      const here = office.url();
      await office.getByTestId("add-paragraph").click();
      await office.getByTestId("added-text").fill("各县区抓紧。");
      const draft = `/api/bulletins/${here.split("/").pop()}`;
      const before = await json<{ version: number; day: string; since: string }>(draft);
      const saved = await office.request.put(base() + draft, {
        data: { day: before.day, since: before.since, title: "", title_en: "On the month", added: [] },
        headers: { "If-Match": `"${before.version}"`, Origin: base() },
      });
      expect(saved.status(), await saved.text()).toBeLessThan(300);
      await until(async () => (await office.getByTestId("draft-title-en").inputValue()) === "On the month");
      expect(await office.getByTestId("added-text").inputValue()).toBe("各县区抓紧。");
      await office.getByTestId("save-draft").click();
      await until(async () => (await office.getByTestId("draft-typing").count()) === 0);
      expect((await json<{ title_en: string; added: { text: string }[] }>(draft))).toMatchObject({ title_en: "On the month", added: [{ text: "各县区抓紧。" }] });
      await office.getByTestId("drop").click();
      await office.locator(".el-message-box__btns button").first().click(); // thought better of
      expect(office.url()).toBe(here);
      await office.getByTestId("drop").click();
      await office.locator(".el-message-box .el-button--primary").click();
      await office.waitForURL(`${base()}/bulletins`);
      expect(said.splice(0).filter((line) => !/422|400/.test(line))).toEqual([]); // the template above
    }, 60_000);

    it("a bulletin that is none shows nothing of the one that was open", async () => {
      const { bulletins } = await json<{ bulletins: { id: string; state: string }[] }>("/api/bulletins");
      const issued = bulletins.find((b) => b.state === "issued")!;
      await office.goto(`${base()}/bulletins/${issued.id}`);
      await office.getByTestId("bulletin-state").waitFor();
      await office.evaluate(() => {
        history.pushState(history.state, "", "/bulletins/none");
        window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
      });
      await office.getByTestId("problem").waitFor();
      expect(await office.getByTestId("bulletin-state").count()).toBe(0);
      said.length = 0; // the browser's own line about it
    });

    it("pages in English have no division in Chinese", async () => {
      const { names } = await json<{ names: Record<string, string> }>("/api/place-names");
      // A village's name may be a compound's too, which stays as it is on its gate.
      const divisions = Object.keys(names).filter((name) => /(市|区|县|街道|镇|乡|社区)$/.test(name));
      expect(divisions.length).toBeGreaterThan(100);
      const { counties } = await json<{ counties: { county: string }[] }>("/api/programme/city");
      const [{ compound }] = (await json<{ compounds: [{ compound: string }] }>("/api/compounds?search=jyhy")).compounds;
      const { path } = await json<{ path: { place: string; level: string }[] }>(`/api/places/${compound}`);
      const street = path.find((p) => p.level === "street")!.place;
      const { page: en, context: own, said: heard } = await openPage(at().browser, { language: "en", state: await context.storageState() });
      const bad: string[] = [];
      const month = (await json<{ today: string }>("/api/programme")).today.slice(0, 7);
      for (const where of ["/city", `/city/${counties[0]!.county}`, `/area/${street}`, `/places/${street}`, `/compounds/${compound}`, "/help", "/campaigns", "/campaigns/notices", "/tasks", "/bulletins", "/bulletins/office", `/returns/${counties[0]!.county}/${month}`, "/inspections", "/programme", "/system/appointments"]) {
        await en.goto(base() + where);
        await en.locator("h1").first().waitFor();
        await until(async () => (await en.locator("[aria-busy=true]").count()) === 0, 15_000);
        // The names come beside the page.
        const left = () =>
          en.evaluate((known) => {
            const out = new Set<string>();
            const walk = document.createTreeWalker(document.getElementById("main")!, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              if (walk.currentNode.parentElement!.closest("[lang=zh-CN], [hidden]")) continue;
              for (const word of walk.currentNode.textContent!.match(/[\u4e00-\u9fff]+/g) ?? []) if (known.includes(word)) out.add(word);
            }
            return [...out];
          }, divisions);
        await until(async () => (await left()).length === 0, 5000).catch(async () => bad.push(`${where}: ${(await left()).join(" ")}`));
      }
      expect(bad).toEqual([]);
      expect(heard).toEqual([]);
      await own.close();
    }, 180_000);

    it("a form comes from a workbook: one that asks about residents is refused cell by cell, a good one becomes the next version", async () => {
      await office.goto(`${base()}/forms`);
      const send = (name: string, buffer: Buffer) => office.getByTestId("form-file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
      await send("none.xlsx", Buffer.from("no workbook"));
      await office.getByTestId("problem").waitFor();
      await send("residents.xlsx", xlsx("survey", [["type", "name", "label::中文 (zh)"], ["text", "id_number", "业主身份证号码"]]));
      await office.getByTestId("form-findings").waitFor();
      expect(await office.getByTestId("form-findings").innerText()).toContain("survey!2");
      expect(await office.getByTestId("form-save").count()).toBe(0);
      // That of the acceptance on the spot, which was published by then.
      const made = await office.request.get(`${base()}/api/inspection-forms/acceptance/1/xlsform`);
      await send("acceptance.xlsx", await made.body());
      await office.getByTestId("form-follows").waitFor();
      expect(await office.getByTestId("form-findings").count()).toBe(0);
      await office.getByTestId("form-save").click();
      await office.waitForURL("**/forms/acceptance/2");
      const read = async (n: number) => (await json<{ sections: { items: unknown[] }[] }>(`/api/inspection-forms/acceptance/${n}`)).sections;
      expect(await read(2)).toEqual(await read(1));
      expect(said.splice(0).filter((line) => !/422|400/.test(line))).toEqual([]); // the files above
    }, 60_000);

    it("the demo's clock is moved on by a day, after a question", async () => {
      await office.goto(`${base()}/city`);
      await office.getByTestId("six").waitFor();
      const { today } = await json<{ today: string }>("/api/programme");
      const next = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
      await office.getByTestId("story").click();
      await office.getByTestId("story-day").fill(next);
      await office.getByTestId("story-go").click();
      expect(await office.locator(".el-message-box").innerText()).toContain(next);
      await office.locator(".el-message-box .el-button--primary").click();
      await office.locator(`[data-testid=city][data-day='${next}']`).waitFor({ timeout: 90_000 });
      expect((await json<{ today: string }>("/api/programme")).today).toBe(next);
      expect(said).toEqual([]);
    }, 120_000);
  });
}
