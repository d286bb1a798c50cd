// A morning in the programme office: the demo city on a page, from the published figures down to one compound's evidence.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn, WIDE } from "../../web/scripts/browser.mjs";
import { inspectionStories } from "./inspection";
import { officeStories } from "./office";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let city: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];

beforeAll(async () => {
  city = await startCompound(1, { city: true });
  browser = await launch();
  ({ context, page, said } = await openPage(browser));
  await signIn(page, city.base, "operator", [city.passwords.operator!, CHOSEN]);
}, 180_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await city?.stop();
});

const figure = (key: string) => page.locator(`[data-figure=${key}] .n`).innerText();
const six = async () => Promise.all(["compounds", "built", "networked", "channels_networked", "paired", "received_fen"].map(figure));
const county = async (name: string) =>
  ((await (await page.request.get(`${city.base}/api/places?level=county`)).json()) as { places: { place: string; name: string }[] }).places.find((p) => p.name === name)!.place;
const found = async (search: string) =>
  ((await (await page.request.get(`${city.base}/api/compounds?search=${encodeURIComponent(search)}`)).json()) as { compounds: { compound: string; name: string }[] }).compounds;

/** Where a county's name stands on the map: the middle of its letters, in pixels of the page. */
const inside = async (name: string): Promise<[number, number]> => {
  const box = (await page.getByTestId("outline-map").locator(".names text", { hasText: name }).first().boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 2];
};

describe("a morning in the programme office", () => {
  it("the six figures are the published ones, to the digit, and the demo says what is invented", async () => {
    await page.goto(`${city.base}/city`);
    await page.getByTestId("six").waitFor();
    expect(await page.getByTestId("city").getAttribute("data-day")).toBe("2017-09-27");
    expect(await six()).toEqual(["2,366", "1,524", "930", "17,475", "522", "374.5"]);
    expect(await page.getByTestId("invented").first().innerText()).toContain("虚构");
    expect(await page.getByTestId("outline-map").locator(".tile").count()).toBe(15);
    const rates = await page.locator("[data-testid=ranking] td.rate").allInnerTexts();
    expect(rates).toHaveLength(15);
    expect(rates.map(Number.parseFloat)).toEqual(rates.map(Number.parseFloat).sort((a, b) => b - a));
  });

  it("each county of the map is entered by a click on its name, and every point of it belongs to it until points are asked for", async () => {
    const map = page.getByTestId("outline-map");
    await map.locator(".dot").first().waitFor();
    // A fine net over the picture: what lies in a county's outline leads to that county, dots or not.
    const net = () =>
      map.locator("svg").evaluate((svg) => {
        const box = svg.getBoundingClientRect();
        const tiles = [...svg.querySelectorAll<SVGAElement>(".tile")].map((a) => ({ a, path: a.querySelector("path")! }));
        const [of, astray, dots] = [new Set<string>(), [] as string[], new Set<string>()];
        for (let x = box.left + 3; x < box.right; x += 6) {
          for (let y = box.top + 3; y < Math.min(box.bottom, window.innerHeight); y += 6) {
            const at = new DOMPoint(x, y).matrixTransform(tiles[0]!.path.getScreenCTM()!.inverse());
            const there = tiles.filter(({ path }) => path.isPointInFill(at));
            const hit = document.elementFromPoint(x, y);
            // Borders belong to either side.
            if (hit?.closest("button") || there.length !== 1 || tiles.some(({ path }) => path.isPointInStroke(at))) continue;
            const county = there[0]!.a.dataset.county!;
            of.add(county);
            if (hit?.closest(".dot")) dots.add(county);
            else if (hit?.closest(".tile") !== there[0]!.a) astray.push(`${county} at ${x},${y}: ${hit?.outerHTML.slice(0, 60)}`);
          }
        }
        return { counties: of.size, astray, dots: dots.size };
      });
    await map.scrollIntoViewIfNeeded();
    expect(await net()).toEqual({ counties: 15, astray: [], dots: 0 });
    // No dot lies on a name.
    const covered = await map.evaluate((root) => {
      const names = [...root.querySelectorAll(".names text")].map((e) => [e.textContent, e.getBoundingClientRect()] as const);
      return [...root.querySelectorAll(".dot > :not(.hit):not(title)")].flatMap((d) => {
        const a = d.getBoundingClientRect();
        return names.filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > b.height * 0.25).map(([name]) => name);
      });
    });
    expect(covered).toEqual([]);
    const all = (await (await page.request.get(`${city.base}/api/programme/city`)).json()) as { counties: { county: string; name: string }[] };
    for (const c of all.counties) {
      const tile = map.locator(`[data-county="${c.county}"]`);
      const at = await map.locator(`.names [data-of="${c.county}"] text`).first().boundingBox();
      await page.mouse.click(at!.x + at!.width / 2, at!.y + at!.height / 2);
      await page.locator("h1", { hasText: c.name }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/city/${c.county}`);
      await page.goBack();
      await tile.waitFor();
    }
    // Asked for, the same pointer picks compounds: closer, down to one of them, and back.
    await map.locator(".dot").first().waitFor();
    await page.getByTestId("map-points").click();
    expect((await net()).dots).toBeGreaterThan(5);
    const most = await map.locator(".dot").evaluateAll((dots) => dots.map((d) => Number((d as SVGElement).dataset.n)).reduce((at, n, i, list) => (n > list[at]! ? i : at), 0));
    await map.locator(".dot").nth(most).click();
    await page.getByTestId("map-whole").waitFor();
    expect(await page.getByTestId("map-points").count()).toBe(0);
    expect(await map.locator(".dot .n").count()).toBeGreaterThan(0); // closer, a sign says how many
    const listed = page.getByTestId("map-closer").locator("li a");
    for (let steps = 0; steps < 8 && !(await listed.count()) && (await map.locator(".dot.many").count()); steps++) await map.locator(".dot.many").first().click();
    await ((await listed.count()) ? listed : map.locator(".dot")).first().click();
    await page.getByTestId("compound").waitFor();
    await page.goBack();
    await page.getByTestId("outline-map").waitFor();
  }, 120_000);

  it("two clicks lead to a compound and to what its standing rests on", async () => {
    await page.mouse.click(...(await inside("兰山")));
    await page.getByTestId("county").waitFor();
    await page.locator("h1", { hasText: "兰山区" }).waitFor();
    const late = page.getByTestId("late").locator("li a").first();
    const name = await late.innerText();
    await late.click();
    await page.getByTestId("compound").waitFor();
    await page.locator("h1", { hasText: name }).waitFor();
    expect(await page.getByTestId("duties").innerText()).toMatch(/滞后|逾期/);
    await page.getByTestId("history").filter({ hasText: "纳入创建" }).waitFor(); // its rows come after its head
  });

  it("the cameras of the demo are Jinyang Garden's: states there, pictures through the door, and the way back", async () => {
    const [jinyang] = await found("jyhy");
    await page.goto(`${city.base}/compounds/${jinyang!.compound}`);
    const live = page.getByTestId("live-cameras");
    await live.locator("tr[data-picture=true]").first().waitFor({ timeout: 20_000 });
    expect(await live.locator("tbody tr").count()).toBe(1);
    expect(await live.innerText()).toContain("大门 1");
    expect(await live.locator("video, img, canvas").count()).toBe(0);
    await live.getByRole("link", { name: "查看画面 大门" }).click();
    // The picture is the first thing for which a reason has to be given.
    await page.getByTestId("purpose-reason").fill("检查大门画面");
    await page.getByTestId("purpose-say").click();
    await page.getByTestId("home-compound").click();
    await page.locator("h1", { hasText: "金阳花园" }).waitFor();
    await page.goto(`${city.base}/city`);
    await page.getByTestId("six").waitFor();
    expect(await six()).toEqual(["2,366", "1,524", "930", "17,475", "522", "374.5"]);
  });

  it("the demo's offices sign in, each to its own", async () => {
    for (const [name, counties, jinyang, lily] of [
      ["city", 15, 200, 200],
      ["county", 1, 200, 403],
      ["street", 0, 200, 403],
      ["community", 0, 200, 403],
      ["manager", 0, 200, 403],
      ["unit", 0, 403, 403],
    ] as const) {
      const own = await openPage(browser);
      await signIn(own.page, city.base, name, [city.passwords[name]!, CHOSEN]);
      const ask = async (path: string) => own.page.request.get(`${city.base}${path}`);
      const said = (await (await ask("/api/programme/city")).json()) as { figures: { compounds: number }; counties: unknown[] };
      expect([name, said.figures.compounds, said.counties.length]).toEqual([name, 2366, counties]);
      const [here] = await found("jyhy");
      const [there] = (await (await page.request.get(`${city.base}/api/programme/compounds?limit=1&county=${await county("罗庄区")}`)).json()).compounds as { compound: string }[];
      expect([name, (await ask(`/api/compounds/${here!.compound}`)).status()]).toEqual([name, jinyang]);
      expect([name, (await ask(`/api/compounds/${there!.compound}/cameras`)).status()]).toEqual([name, lily]);
      await own.page.goto(`${city.base}/`);
      // Each begins at what is its own, and the bar names no page on which it has nothing to do.
      const begins = { city: /\/city$/, county: /\/city\/\w+$/, street: /\/area\/\w+$/, community: /\/area\/\w+$/, manager: /\/compounds\/\w+$/, unit: /\/help$/ }[name];
      await own.page.waitForURL(begins);
      const menu = own.page.getByTestId("programme-menu").locator("a");
      await menu.first().waitFor();
      const offered = await menu.evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname));
      expect([name, offered[0]]).toEqual([name, new URL(own.page.url()).pathname]);
      expect([name, offered.includes("/screen"), offered.includes("/indicators")]).toEqual([name, name === "city", name === "city" || name === "county"]);
      if (name === "city") {
        // Who is late, over all counties, on the page itself.
        const rows = own.page.getByTestId("late-rows").locator("li");
        await rows.first().waitFor();
        const late = (await (await ask("/api/programme/late?limit=1")).json()) as { total: number; red: number; counties: { red: number; yellow: number }[] };
        expect(late.counties.reduce((n, c) => n + c.red + c.yellow, 0)).toBe(late.total);
        expect(await own.page.getByTestId("late-counties").locator("li").count()).toBe(late.counties.length);
        await own.page.getByTestId("late-copy-open").click();
        await until(async () => (await own.page.getByTestId("late-text").innerText()).includes("请勿外传"));
        await own.page.keyboard.press("Escape");
        // A compound is found from the city's page.
        await own.page.getByTestId("find-compound").fill("jyhy");
        await own.page.locator("#found li", { hasText: "金阳花园" }).first().waitFor();
        await own.page.getByTestId("find-compound").press("Enter");
        await own.page.waitForURL(/\/compounds\//);
      }
      if (name === "street" || name === "community") {
        const table = own.page.getByTestId("area-compounds").locator("tbody tr");
        await table.first().waitFor();
        const lights = await table.evaluateAll((all) => all.map((tr) => ["red", "yellow", "blue", "green"].indexOf((tr as HTMLElement).dataset.light ?? "")));
        expect(lights).toEqual([...lights].sort()); // late ones first
        if (name === "community") expect(await own.page.getByTestId("area-compounds").innerText()).toContain("金阳花园");
        expect(await own.page.getByTestId("area-compounds").innerText()).toMatch(/按时|滞后|逾期|临近/);
      }
      if (name === "manager") await own.page.locator("h1", { hasText: "金阳花园" }).waitFor();
      await own.page.getByTestId("inbox-bell").click();
      await own.page.waitForURL(/\/inbox$/);
      await until(async () => (await own.page.locator("[aria-busy=true]").count()) === 0);
      const waits = (await (await ask("/api/inbox")).json()) as { total: number };
      expect([name, await own.page.getByTestId("inbox-bell").getAttribute("data-n")]).toEqual([name, String(waits.total)]);
      if (jinyang === 200) {
        await own.page.goto(`${city.base}/compounds/${here!.compound}`);
        await own.page.getByTestId("live-cameras").waitFor();
        expect(await own.page.getByRole("link", { name: /查看画面/ }).count()).toBe(0);
      }
      await own.context.close();
    }
  }, 90_000);

  it("a compound that only a return calls networked says so; one that was seen says that", async () => {
    const sources = new Set<string>();
    const { compounds } = (await (await page.request.get(`${city.base}/api/programme/compounds?limit=2366`)).json()) as { compounds: { compound: string; networked: { basis?: string } }[] };
    for (const basis of ["return", "evidence"]) {
      await page.goto(`${city.base}/compounds/${compounds.find((c) => c.networked.basis === basis)!.compound}`);
      sources.add(await page.locator("[data-what=networked] .source").innerText());
    }
    expect([...sources]).toEqual(["月报", "实测"]);
  });

  it("names are found by characters, pinyin and initials", async () => {
    await page.goto(`${city.base}/city`);
    await page.getByTestId("ranking").getByRole("link", { name: "兰山区" }).click();
    const total = page.getByTestId("compounds-total");
    await until(async () => (await total.innerText()) === "520");
    for (const typed of ["jyhy", "jinyang", "金阳花"]) {
      await page.getByTestId("compound-search").fill(typed);
      await page.locator("[data-testid=compounds] tbody a", { hasText: "金阳花园" }).waitFor();
      expect(Number(await total.innerText())).toBeLessThan(20);
    }
    await page.getByTestId("compound-search").fill("zzzz");
    await until(async () => (await total.innerText()) === "0");
  });

  it("another day is answered as known at its close; a day to come is refused with the reason", async () => {
    await page.goto(`${city.base}/city`);
    await page.getByTestId("six").waitFor();
    await page.getByTestId("as-of").fill("2017-06-30");
    await page.keyboard.press("Enter");
    await page.locator("[data-testid=city][data-day='2017-06-30']").waitFor();
    const then = (await (await page.request.get(`${city.base}/api/programme/city?at=2017-06-30`)).json()) as { figures: { networked: number } };
    expect(await figure("networked")).toBe(String(then.figures.networked));
    expect(then.figures.networked).toBeLessThan(930);
    expect(page.url()).toContain("at=2017-06-30");
    // The same day with what was put right since, and back to what was known then.
    await page.getByTestId("known-at").selectOption("now");
    await page.waitForURL(/known=now/);
    await page.getByTestId("known-now").waitFor();
    const since = (await (await page.request.get(`${city.base}/api/programme/city?at=2017-06-30&known=now`)).json()) as { figures: { networked: number } };
    await page.locator("[data-testid=city][data-day='2017-06-30']").waitFor();
    await until(async () => (await figure("networked")) === String(since.figures.networked));
    // It goes along into a county and back.
    await page.goto(`${city.base}/city/${await county("兰山区")}?at=2017-06-30&known=now`);
    await page.locator(".page-head .up a").click();
    await page.waitForURL((url) => url.pathname === "/city" && url.searchParams.get("known") === "now");
    await page.locator("[data-testid=city][data-day='2017-06-30']").waitFor();
    await page.getByTestId("known-at").selectOption("");
    await until(async () => (await page.getByTestId("known-now").count()) === 0);
    await page.getByTestId("as-of").fill("2018-01-01");
    await page.keyboard.press("Enter");
    expect(await page.getByTestId("as-of-refused").innerText()).toContain("2017-09-27");
    expect(await page.getByTestId("city").getAttribute("data-day")).toBe("2017-06-30");
    await page.getByTestId("as-of-today").click();
    await page.locator("[data-testid=city][data-day='2017-09-27']").waitFor();
  });

  it("another person of the office reviews the draft, it is issued under its number, and its Word file is the one that was frozen", async () => {
    const { context: own, page: office, said: heard } = await openPage(browser);
    await signIn(office, city.base, "city", [city.passwords.city!, CHOSEN]);
    heard.length = 0; // the first password was changed by an earlier story, and is refused
    await office.goto(`${city.base}/bulletins`);
    await office.locator("[data-testid=bulletins] tr[data-state=draft] a").click();
    await office.getByTestId("added-text").fill("截至{date}，全市已联网{networkd}个。");
    await office.getByTestId("save-draft").click();
    await office.getByTestId("draft-editor").getByText("networkd", { exact: false }).last().waitFor(); // named, and not stored
    // What is not saved would not be in what is issued.
    await office.getByTestId("draft-typing").waitFor();
    expect(await office.getByTestId("review").isDisabled()).toBe(true);
    await office.getByRole("link", { name: "已发通报" }).first().click();
    await office.locator(".el-message-box", { hasText: "尚未保存" }).locator(".el-message-box__btns button").first().click();
    expect(office.url()).not.toMatch(/bulletins$/);
    await office.reload();
    await office.getByTestId("review").click();
    // One click takes no number.
    await office.getByTestId("issue").click();
    const asks = office.locator(".el-message-box");
    expect(await asks.innerText()).toContain("临综治通报〔2017〕3号");
    await asks.locator(".el-message-box__btns button").first().click();
    await asks.waitFor({ state: "hidden" });
    expect(await office.getByTestId("bulletin-state").getAttribute("data-state")).toBe("reviewed");
    await office.getByTestId("issue").click();
    await asks.locator(".el-button--primary").click();
    await office.locator("[data-testid=bulletin-state][data-state=issued]").waitFor({ timeout: 60_000 });
    expect(await office.getByTestId("paper-number").innerText()).toBe("临综治通报〔2017〕3号");
    const hash = (await office.getByTestId("file-docx").getAttribute("title"))!.replace("SHA-256 ", "");
    const file = office.waitForEvent("download");
    await office.getByTestId("file-docx").click();
    const bytes = readFileSync((await (await file).path())!);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
    expect(heard.filter((line) => !line.includes("422"))).toEqual([]); // the refusal above
    const id = office.url().split("/").pop();
    await own.close();
    // A guard is in no office: the same bulletin, without a compound's name.
    const { context: gate, page: guard } = await openPage(browser);
    await signIn(guard, city.base, "guard", [city.passwords.guard!, CHOSEN]);
    const read = (await (await guard.request.get(`${city.base}/api/bulletins/${id}`)).json()) as { edition: string; number: string; document: { blocks: { table?: { key: string } }[] } };
    expect([read.edition, read.number]).toEqual(["public", "临综治通报〔2017〕3号"]);
    expect(read.document.blocks.some((b) => b.table?.key === "late")).toBe(false);
    await gate.close();
    // A number leads to the rows behind it.
    await page.goto(`${city.base}/bulletin?at=2017-09-27`);
    await page.getByTestId("paper").getByRole("link", { name: "1524" }).first().click();
    expect(await page.getByTestId("rows-total").innerText()).toBe("1,524");
  });

  it("a change in one compound is on open pages by itself", async () => {
    const compound = (await found("金阳花园"))[0]!.compound;
    await page.goto(`${city.base}/city`);
    await page.getByTestId("six").waitFor();
    const screen = await context.newPage();
    await screen.goto(`${city.base}/screen`);
    await screen.locator("[data-figure=channels_networked]").waitFor();
    // By the journal's event: neither page is loaded again, and while nothing happens neither asks for the figures.
    const asked = [0, 0];
    for (const [i, p] of [page, screen].entries()) {
      await p.evaluate(() => {
        Object.assign(window, { stillHere: true });
        // When the figure is in the page, by the clock that the test reads, too.
        const figure = document.querySelector("[data-figure=channels_networked] .n")!;
        new MutationObserver(() => {
          if (figure.textContent === "17,476") Object.assign(window, { changedAt: Date.now() });
        }).observe(figure, { characterData: true, childList: true, subtree: true });
      });
      p.on("request", (r) => {
        if (r.url().includes("/api/programme/city")) asked[i]!++;
      });
    }
    await page.waitForTimeout(3000);
    expect(asked).toEqual([0, 0]);
    const listed = `${city.base}/api/compounds/${compound}/channels`;
    const seen = (await page.request.get(listed)).headers().etag!;
    const before = Date.now();
    const reply = await page.request.post(listed, {
      data: { from: "2017-09-27", state: "networked", channels: [{ name: "大门 9", area: "gate" }] },
      headers: { Origin: city.base, "If-Match": seen },
    });
    expect(reply.status()).toBe(201);
    for (const p of [page, screen]) {
      await until(async () => (await p.locator("[data-figure=channels_networked] .n").innerText()) === "17,476", 15_000);
      expect(await p.evaluate(() => (window as unknown as { stillHere?: boolean }).stillHere)).toBe(true);
    }
    expect(asked.every((n) => n > 0)).toBe(true);
    const after = await Promise.all([page, screen].map((p) => p.evaluate(() => (window as unknown as { changedAt: number }).changedAt)));
    expect(after.every((at) => at >= before)).toBe(true);
    console.log(`a compound changed → the city's page has it after ${after[0]! - before} ms, the screen after ${after[1]! - before} ms`);
    await screen.close();
  });

  it("the screen fits its picture at both sizes, and an arrow and Enter lead to a county", async () => {
    for (const size of [{ width: 1920, height: 1080 }, { width: 3840, height: 2160 }]) {
      const { page: screen, context: own } = await openPage(browser, { size, state: await context.storageState() });
      await screen.goto(`${city.base}/screen`);
      await screen.getByTestId("screen-ranking").waitFor();
      await screen.locator(".chart canvas").waitFor();
      const over = await screen.evaluate(() =>
        ["#main", ".screen", ".screen section", ".six > div"].flatMap((s) => [...document.querySelectorAll(s)]).filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).map((e) => `${e.className} ${e.scrollWidth}×${e.scrollHeight} in ${e.clientWidth}×${e.clientHeight}`),
      );
      expect(over).toEqual([]);
      expect(await screen.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector(".screen .n")!).fontSize) / window.innerHeight)).toBeGreaterThan(0.06);
      // From ten metres: what must be read has a width of 1.9 % of the picture a character, everything else 1.3 %.
      const small = await screen.evaluate(() => {
        const must = ".screen dt, .screen h2, .screen td, .screen .what, .screen .n, .screen .unit, .screen .tile .name, .screen .lights b, .screen .money b, .screen .day b";
        const out: string[] = [];
        for (const e of document.querySelectorAll<HTMLElement>(".screen *")) {
          const said = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim());
          if (!said || e.closest("svg, i, .seen-by-readers-only") || e.offsetWidth < 2) continue;
          const share = Number.parseFloat(getComputedStyle(e).fontSize) / window.innerWidth;
          const least = e.matches(must) ? 0.019 : 0.013;
          if (share < least - 0.0001) out.push(`${e.tagName}.${e.className} ${e.textContent!.trim().slice(0, 12)}: ${(share * 100).toFixed(2)} %`);
        }
        return out;
      });
      expect(small).toEqual([]);
      await screen.keyboard.press("ArrowDown");
      await screen.keyboard.press("ArrowDown");
      await screen.keyboard.press("Enter");
      await screen.getByTestId("county").waitFor();
      // The second click: a compound, and what its standing rests on.
      const late = screen.getByTestId("late").locator("li a").first();
      const name = await late.innerText();
      await late.click();
      await screen.locator("h1", { hasText: name }).waitFor();
      await screen.getByTestId("duties").waitFor();
      await screen.getByTestId("history").filter({ hasText: "纳入创建" }).waitFor();
      await own.close();
    }
    // Nothing is cut in either language.
    for (const language of ["zh", "en"]) {
      const { page: screen, context: own } = await openPage(browser, { size: { width: 1920, height: 1080 }, language, state: await context.storageState() });
      await screen.goto(`${city.base}/screen`);
      await screen.locator("[data-county]").first().waitFor();
      await until(async () => (await screen.locator(".six .n").first().innerText()) === "2,366");
      const cut = await screen.$$eval(".screen dt, .screen .big, .screen .small, .screen .what, .screen .ranking, .screen td, .screen th, .screen .money p, .screen .tile .name", (all) =>
        all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.textContent!.trim()} ${e.scrollWidth} in ${e.clientWidth}`),
      );
      expect(cut, language).toEqual([]);
      await own.close();
    }
  });

  it("the letters of the screen's map are read from afar as well, and no border runs through a figure", async () => {
    for (const [language, size] of [["zh", { width: 1920, height: 1080 }], ["en", { width: 1920, height: 1080 }], ["zh", { width: 3840, height: 2160 }]] as const) {
      const { page: screen, context: own } = await openPage(browser, { size, language, state: await context.storageState() });
      await screen.goto(`${city.base}/screen`);
      await screen.locator(".names [data-of] .name").nth(14).waitFor();
      await screen.waitForTimeout(500); // the picture's size is known after it is drawn
      const seen = await screen.evaluate(() => {
        const [small, astray, rates] = [[] as string[], [] as string[], [] as string[]];
        for (const g of document.querySelectorAll<SVGElement>(".outlines .names [data-of]")) {
          const path = document.querySelector<SVGPathElement>(`.tile[data-county="${g.dataset.of}"] path`)!;
          for (const text of g.querySelectorAll<SVGTextElement>("text")) {
            const said = text.textContent!.trim();
            const box = text.getBoundingClientRect();
            // As drawn: a Chinese letter is as wide as it is high; a line is never lower than its letters.
            const chinese = /[\u4e00-\u9fff]/.test(said);
            const high = chinese ? box.width / said.length : Math.min(box.height, Number.parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM()!.d);
            const least = chinese ? 0.019 : said.length > 1 ? 0.013 : 0.01; // a sign alone is no letter
            if (high / innerWidth < least - 0.0002) small.push(`${said}: ${((100 * high) / innerWidth).toFixed(2)} %`);
            if (!text.classList.contains("figures")) continue;
            rates.push(said);
            const back = path.getScreenCTM()!.inverse();
            for (const x of [box.left, box.left + box.width / 2, box.right])
              for (const y of [box.top + box.height * 0.25, box.bottom - box.height * 0.25])
                if (!path.isPointInFill(new DOMPoint(x, y).matrixTransform(back))) astray.push(`${said} of ${g.dataset.of}`);
          }
        }
        return { small, astray, rates: rates.length };
      });
      expect([language, seen.small, seen.astray]).toEqual([language, [], []]);
      expect(seen.rates).toBeGreaterThan(8); // it is left out only where it has no room
      await own.close();
    }
  });

  it("the screen ranks every county with what was done in time and its lights, and its deadlines take turns", async () => {
    const { page: screen, context: own } = await openPage(browser, { size: { width: 1920, height: 1080 }, state: await context.storageState() });
    await screen.clock.install();
    // A fault while nobody stands beside it: said, and over by itself.
    let fault = true;
    await screen.route("**/api/programme/city*", (route) => (fault ? route.fulfill({ status: 500, json: { status: 500, title: "x" } }) : route.continue()));
    await screen.goto(`${city.base}/screen`);
    await screen.getByTestId("problem").waitFor();
    fault = false;
    await screen.clock.fastForward(61_000);
    const rows = screen.getByTestId("screen-ranking").locator("tbody tr");
    await rows.first().waitFor();
    await screen.getByTestId("problem").waitFor({ state: "detached" });
    const all = (await (await page.request.get(`${city.base}/api/programme/city`)).json()) as { counties: { county: string; in_time_rate: number; red: number; yellow: number; blue: number; green: number }[] };
    expect(await rows.evaluateAll((list) => list.map((tr) => (tr as HTMLElement).dataset.countyRow))).toEqual(all.counties.map((c) => c.county));
    for (const [i, c] of all.counties.entries()) {
      const row = rows.nth(i);
      expect(await row.locator("td").nth(4).innerText()).toBe(`${(c.in_time_rate / 10).toFixed(1)}%`.replace(".0%", "%"));
      const parts = await row.locator(".lit [role=img] span").evaluateAll((list) => list.map((e) => (e as HTMLElement).style.flexGrow));
      expect(parts).toEqual([c.red, c.yellow, c.blue, c.green].filter(Boolean).map(String));
      expect((await row.locator(".lit [role=img]").boundingBox())!.width).toBeGreaterThan(40);
    }
    const { deadlines } = (await (await page.request.get(`${city.base}/api/programme/deadlines`)).json()) as { deadlines: { done: number; owed: number; overdue: number }[] };
    const open = deadlines.filter((d) => d.done < d.owed || d.overdue > 0).length;
    expect(open).toBeGreaterThan(3);
    const lines = screen.getByTestId("screen-deadlines").locator("li");
    const leaves = [(await lines.allInnerTexts()).map((l) => l.replace(/\s+/g, " "))];
    await screen.clock.fastForward(15_100);
    await until(async () => (await lines.first().innerText()).replace(/\s+/g, " ") !== leaves[0]![0]);
    for (let more = open - leaves[0]!.length; more > 0; more -= leaves.at(-1)!.length) {
      if (leaves.length > 1) await screen.clock.fastForward(15_100);
      await until(async () => (await lines.first().innerText()).replace(/\s+/g, " ") !== leaves.at(-1)![0]);
      leaves.push((await lines.allInnerTexts()).map((l) => l.replace(/\s+/g, " ")));
    }
    expect(new Set(leaves.flat()).size).toBe(open);
    await own.close();
  });

  it("the office takes the outlines away, lays its tiles out, and imports outlines again", async () => {
    const { page: office, context: own, said: heard } = await openPage(browser);
    await signIn(office, city.base, "city", [city.passwords.city!, CHOSEN]);
    heard.length = 0;
    const sure = () => office.locator(".el-message-box .el-button--primary").click();
    await office.goto(`${city.base}/system/outlines`);
    await office.getByTestId("outlines-kept").waitFor();
    await office.getByTestId("outlines").locator("header .el-button", { hasText: "撤下边界" }).click();
    await sure();
    await office.getByTestId("outlines-kept").waitFor({ state: "detached" });
    await office.goto(`${city.base}/city`);
    const map = office.getByTestId("tile-map");
    await map.locator("a").nth(14).waitFor();
    expect(await map.locator("a").count()).toBe(15);
    await map.locator("a", { hasText: "兰山" }).click();
    await office.locator("h1", { hasText: "兰山区" }).waitFor();
    // On the screen, too, each name is whole, and in Chinese as large as it must be; tiles are too narrow for that in English.
    for (const [language, least] of [["zh", 0.019], ["en", 0.009]] as const) {
      const { page: screen, context: its } = await openPage(browser, { size: { width: 1920, height: 1080 }, language, state: await own.storageState() });
      await screen.goto(`${city.base}/screen`);
      const names = screen.getByTestId("tile-map").locator(".name");
      await names.nth(14).waitFor();
      const bad = await names.evaluateAll((list, share) => list.filter((e) => Number.parseFloat(getComputedStyle(e).fontSize) / innerWidth < share || e.scrollWidth > e.clientWidth + 1).map((e) => `${e.textContent} ${getComputedStyle(e).fontSize} ${e.scrollWidth} in ${e.clientWidth}`), least);
      expect([language, bad]).toEqual([language, []]);
      await its.close();
    }

    // A county is chosen and moved by the keys, and says something else.
    await office.goto(`${city.base}/programme`);
    const part = office.getByTestId("tiles-part");
    const tiles = async () => ((await (await office.request.get(`${city.base}/api/tiles`)).json()) as { version: number; tiles: { place: string; column: number; row: number; short_zh: string; short_en: string }[] });
    const shipped = await tiles();
    const lanshan = await county("兰山区");
    const was = shipped.tiles.find((x) => x.place === lanshan)!;
    const spot = (column: number, row: number) => part.locator(`[data-spot="${column},${row}"]`);
    await spot(was.column, was.row).click();
    await office.keyboard.press("ArrowRight");
    await part.locator(`[data-spot="${was.column + 1},${was.row}"][data-place="${lanshan}"]`).waitFor();
    await part.getByTestId("tile-zh").fill("兰山城");
    // Meanwhile somebody else lays it out: nothing of theirs is written over.
    const theirs = shipped.tiles.map((x) => (x.place === lanshan ? { ...x, short_zh: "兰山区" } : x));
    const reply = await page.request.put(`${city.base}/api/tiles`, { data: { tiles: theirs }, headers: { Origin: city.base, ...(shipped.version ? { "If-Match": `"${shipped.version}"` } : {}) } });
    expect(reply.status()).toBe(200);
    await office.getByTestId("tiles-meanwhile").waitFor();
    expect(await part.getByTestId("tiles-save").isDisabled()).toBe(true);
    expect(await spot(was.column + 1, was.row).getAttribute("data-place")).toBe(lanshan); // what was moved is still there to be seen
    await part.getByTestId("tiles-undo").click();
    await until(async () => (await spot(was.column, was.row).innerText()) === "兰山区");
    await spot(was.column, was.row).click();
    await office.keyboard.press("ArrowRight");
    await part.getByTestId("tile-zh").fill("兰山城");
    await part.getByTestId("tiles-save").click();
    await until(async () => (await tiles()).tiles.find((x) => x.place === lanshan)!.short_zh === "兰山城");
    const now = (await tiles()).tiles.find((x) => x.place === lanshan)!;
    expect([now.column, now.row]).toEqual([was.column + 1, was.row]);
    await office.goto(`${city.base}/city`);
    await map.locator("a", { hasText: "兰山城" }).waitFor();
    await office.goto(`${city.base}/system/tiles`);
    await part.locator("header .el-button", { hasText: "恢复随产品提供的排列" }).click();
    await sure();
    await until(async () => (await tiles()).tiles.find((x) => x.place === lanshan)!.short_zh === was.short_zh);

    // Outlines: a dry run names what it found; kept, the map is drawn by them, with its points.
    await office.goto(`${city.base}/system/outlines`);
    await office.getByTestId("outlines-file").setInputFiles(join(import.meta.dirname, "../../demo/data/invented-outlines.geojson"));
    await office.getByTestId("outlines-report").waitFor();
    expect(await office.getByTestId("outlines").locator("tbody tr:not(.left)").count()).toBe(15);
    expect(await office.getByTestId("outlines-keep").isDisabled()).toBe(true); // whose data it is has to be said
    await office.getByTestId("outlines-note").fill("自绘，仅供试用");
    await office.getByTestId("outlines-keep").click();
    await office.getByTestId("outlines-kept").waitFor();
    expect(await office.getByTestId("outlines-kept").innerText()).toContain("自绘，仅供试用");
    await office.goto(`${city.base}/city`);
    await office.getByTestId("outline-map").locator(".dot").first().waitFor();
    expect(await office.getByTestId("outline-map").locator(".tile").count()).toBe(15);
    expect(heard).toEqual([]);
    await own.close();
  }, 120_000);

  it("the bulletin says the same on the page and in its file, and why a number changed, compound by compound", async () => {
    await page.goto(`${city.base}/bulletin?at=2017-09-27`);
    await page.getByTestId("paper").waitFor();
    const paper = await page.getByTestId("paper").innerText();
    for (const published of ["2,366", "1,524", "930", "522"]) expect(paper.replace(/,/g, "")).toContain(published.replace(",", ""));
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByTestId("download-md").click()]);
    expect(file.suggestedFilename()).toMatch(/通报.*\.md$/);
    const title = await page.locator("[data-testid=paper] .title").innerText();
    expect(readFileSync(await file.path(), "utf8")).toContain(title);
    await page.getByTestId("since").fill("2017-08-27");
    await page.keyboard.press("Enter");
    await until(async () => page.getByTestId("moved").locator("li").count().then((n) => n > 0));
    const answer = (await (await page.request.get(`${city.base}/api/programme/changes?from=2017-08-27&to=2017-09-27&figure=networked&limit=1000`)).json()) as {
      figures: { figure: string; before: number; after: number }[];
      compounds: { evidence: unknown[]; figures: { figure: string; before: number; after: number }[] }[];
    };
    const sum = answer.figures.find((f) => f.figure === "networked")!;
    expect(sum.after).toBe(930);
    expect(answer.compounds.flatMap((c) => c.figures).filter((f) => f.figure === "networked").reduce((n, f) => n + f.after - f.before, 0)).toBe(sum.after - sum.before);
    expect(await page.getByTestId("why").innerText()).toContain(`${sum.before} → 930`);
    // What is no day is said to be none, and what is shown stays.
    for (const [typed, says] of [["2017-02-30", "形式"], ["2017-10-30", "不能晚于 2017-09-27"]] as const) {
      await page.getByTestId("since").fill(typed);
      await page.keyboard.press("Enter");
      expect(await page.locator("#since-wrong").innerText()).toContain(says);
    }
    expect(await page.getByTestId("why").innerText()).toContain(`${sum.before} → 930`);
  });

  it("charts are loaded by the screen alone", async () => {
    const { page: cold, context: own } = await openPage(browser, { state: await context.storageState() });
    const scripts: string[] = [];
    cold.on("response", (r) => {
      if (r.url().endsWith(".js")) scripts.push(r.url());
    });
    await cold.goto(`${city.base}/city`);
    await cold.getByTestId("six").waitFor();
    expect(scripts.filter((u) => /Chart/.test(u))).toEqual([]);
    await cold.goto(`${city.base}/screen`);
    await cold.locator(".chart canvas").waitFor();
    expect(scripts.filter((u) => /Chart/.test(u))).not.toEqual([]);
    await own.close();
  });

  for (const language of ["zh", "en"]) {
    it(`pages can be read aloud and nothing is wider than the window, ${language}`, async () => {
      const county = ((await (await page.request.get(`${city.base}/api/programme/city`)).json()) as { counties: { county: string }[] }).counties[0]!.county;
      const compound = (await found("金阳花园"))[0]!.compound;
      const bad: string[] = [];
      for (const size of [WIDE, NARROW]) {
        const { page: p, context: own, said: words } = await openPage(browser, { size, language, state: await context.storageState() });
        for (const path of ["/city", `/city/${county}`, `/compounds/${compound}`, `/places/${compound}`, "/bulletin?since=2017-09-20", ...(size === WIDE ? ["/screen", "/screen?theme=light"] : [])]) {
          await p.goto(city.base + path);
          await p.locator("h1").first().waitFor();
          await until(async () => (await p.locator("[aria-busy=true]").count()) === 0, 8000);
          await p.waitForTimeout(300);
          const [wide, there] = await p.evaluate(() => [document.getElementById("main")!.scrollWidth, window.innerWidth]);
          if (wide! > there! + 1) bad.push(`${path}: ${wide} px wide on ${there}`);
          if (size === NARROW) continue;
          const { violations } = await new AxeBuilder({ page: p }).analyze();
          for (const v of violations) {
            if (v.impact === "serious" || v.impact === "critical") bad.push(`${path}: ${v.id} ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
          }
        }
        bad.push(...words);
        await own.close();
      }
      expect(bad).toEqual([]);
    }, 120_000);
  }

  it("the office gives an extension with its reason, and a compound that moves leaves yesterday's county as it was", async () => {
    const { context: own, page: office, said: heard } = await openPage(browser);
    await signIn(office, city.base, "city", [CHOSEN, city.passwords.city!, CHOSEN]);
    heard.length = 0; // a password that is not the one yet, or no longer
    const json = async <T>(path: string) => (await (await office.request.get(city.base + path)).json()) as T;
    const [from, to] = [await county("河东区"), await county("罗庄区")];
    const { compounds } = await json<{ compounds: { compound: string; name: string; duties: { done: boolean }[] }[] }>(`/api/programme/compounds?county=${from}&light=late`);
    const { compound, name } = compounds.find((c) => c.duties.some((d) => !d.done))!;
    await office.goto(`${city.base}/compounds/${compound}`);
    await office.getByTestId("extend").click();
    await office.getByTestId("x-due").fill("2017-04-20");
    await office.getByTestId("x-reason").fill("雨季停工");
    await office.getByTestId("x-save").click(); // no later than it was: refused, and said where
    await office.locator(".el-form-item__error").waitFor();
    await office.getByTestId("x-due").fill("2018-10-31");
    await office.getByTestId("x-save").click();
    const given = office.getByTestId("extension").filter({ hasText: "2018-10-31" });
    await given.waitFor();
    // That it was given and that it counts come in two answers.
    let says = "";
    await until(async () => /现行[\s\S]*雨季停工[\s\S]*批准/.test((says = await given.innerText())), 8000, () => says);

    const [{ today }, { places: communities }] = [await json<{ today: string }>("/api/programme"), await json<{ places: { place: string; name: string }[] }>(`/api/places?level=community&parent=${to}`)];
    const yesterday = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
    const was = await json<object>(`/api/programme/counties/${from}?at=${yesterday}`);
    const lay = async (at: string) => (await json<{ path: { place: string }[] }>(`/api/places/${compound}?at=${at}`)).path[1]!.place;
    await office.goto(`${city.base}/places`);
    await office.getByTestId("place-search").fill(name);
    await office.getByTestId("place-found").getByRole("link", { name }).first().waitFor();
    await office.goto(`${city.base}/places/${compound}`);
    await office.locator(`[data-testid=place-tree] [data-place='${compound}'][aria-selected=true]`).waitFor(); // opened down to it
    await office.getByTestId("deed-move").click();
    await office.getByTestId("pl-parent").click();
    await office.keyboard.type(communities[0]!.name);
    await office.getByRole("option", { name: `${communities[0]!.name} 罗庄区` }).first().click();
    await office.getByTestId("pl-note").fill("区划调整");
    await office.getByTestId("pl-save").click();
    const moved = office.locator("[data-testid=place-versions] tr[data-why=moved]");
    await moved.waitFor();
    expect(await moved.innerText()).toContain("区划调整");
    expect([await lay(yesterday), await lay(today)]).toEqual([from, to]);
    expect(await json<object>(`/api/programme/counties/${from}?at=${yesterday}`)).toEqual(was);
    expect(heard.filter((line) => !line.includes("422"))).toEqual([]); // the refusal above
    await own.close();
  }, 60_000);

  it("nothing was on the console", () => expect(said).toEqual([]));
});

inspectionStories(() => ({ city, browser, page, chosen: CHOSEN }));
officeStories(() => ({ city, browser, chosen: CHOSEN }));
