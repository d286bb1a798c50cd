// A morning in the programme office: the demo city on a page, from the published figures down to one compound's evidence. Stories
// are told one after the other on one server, in the order in which the calls at the end stand: the later ones change the city.
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn, WIDE } from "../../web/scripts/browser.mjs";
import { bulletinStories } from "./bulletin";
import { asked, CHOSEN, type Told } from "./city";
import { inspectionStories } from "./inspection";
import { mapStories } from "./map";
import { officeStories } from "./office";
import { cameraStories, moveStories } from "./place";
import { screenStories } from "./screen";
import { type Compound, startCompound, until } from "./server";

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

const at = (): Told => ({ city, browser, context, page });
const { figure, six, county, found } = asked(at);

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

  it("a compound of a past day has beside it what was put right since, on the page and in the folder", async () => {
    const day = "2017-06-30";
    const { compounds } = (await (await page.request.get(`${city.base}/api/programme/compounds?at=${day}&limit=1`)).json()) as { compounds: { compound: string }[] };
    const { compound } = compounds[0]!;
    const record = `${city.base}/api/compounds/${compound}`;
    const read = await page.request.get(record);
    const { assets } = (await read.json()) as { assets: { sort: string; building?: string; number: number }[] };
    const light = assets.find((a) => a.sort === "light" && !a.building)?.number ?? 0;
    const counted = await page.request.post(`${record}/assets`, {
      data: { from: "2017-06-15", assets: [{ sort: "light", number: light + 3 }] },
      headers: { Origin: city.base, "If-Match": read.headers().etag! },
    });
    expect(counted.status(), await counted.text()).toBe(201);
    const { history } = (await (await page.request.get(`${city.base}/api/programme/compounds/${compound}/history?at=${day}&known=now`)).json()) as { history: { from: string; known: string }[] };
    const late = history.filter((l) => l.from <= day && Date.parse(l.known) > Date.parse(`${day}T23:59:59.999+08:00`));
    expect(late.length).toBeGreaterThan(0);
    await page.goto(`${city.base}/compounds/${compound}?at=${day}`);
    expect(await page.getByTestId("put-right").innerText()).toContain(`${late.length} 项`);
    expect(await page.getByTestId("corrections").locator("tbody tr").count()).toBe(Math.min(15, late.length));
    if (process.env.SHOTS) {
      await page.screenshot({ path: `${process.env.SHOTS}/compound-past.png` });
      await page.getByTestId("corrections").scrollIntoViewIfNeeded();
      await page.screenshot({ path: `${process.env.SHOTS}/compound-corrections.png` });
    }
    const known = async () => (await page.getByTestId("history").locator("tbody tr td:nth-child(2)").allInnerTexts()).sort().at(-1)!;
    expect((await known()) <= day).toBe(true);
    const folder = () => page.getByTestId("evidence").getAttribute("href");
    expect(await folder()).toMatch(/\?at=2017-06-30$/);
    await page.getByTestId("put-right").getByRole("button").click();
    await page.waitForURL(/known=now/);
    await page.getByTestId("known-now").waitFor();
    await page.getByTestId("history").locator("tbody tr").first().waitFor();
    expect(await page.getByTestId("put-right").count()).toBe(0);
    expect((await known()) > day).toBe(true);
    expect(await folder()).toMatch(/known=now/);
    expect((await page.request.get(`${city.base}${await folder()}`)).headers()["content-type"]).toBe("application/zip");
  });
});

cameraStories(at); // before a channel more is networked
bulletinStories(at);
screenStories(at); // before the outlines are taken away
mapStories(at);

describe("all of it", () => {
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
});

moveStories(at);

describe("all the while", () => {
  it("nothing was on the console", () => expect(said).toEqual([]));
});

inspectionStories(() => ({ city, browser, page, chosen: CHOSEN }));
officeStories(() => ({ city, browser, chosen: CHOSEN }));
