// The map of the counties: each is entered by a click, compounds by two, and an office lays it out as it likes.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPage, signIn } from "../../web/scripts/browser.mjs";
import { asked, CHOSEN, type Told } from "./city";
import { until } from "./server";

export function mapStories(at: () => Told): void {
  describe("the map of the counties", () => {
    const { county } = asked(at);
    /** Where a county's name stands on the map: the middle of its letters, in pixels of the page. */
    const inside = async (name: string): Promise<[number, number]> => {
      const box = (await at().page.getByTestId("outline-map").locator(".names text", { hasText: name }).first().boundingBox())!;
      return [box.x + box.width / 2, box.y + box.height / 2];
    };

    it("each county of the map is entered by a click on its name, and every point of it belongs to it until points are asked for", async () => {
      const { city, page } = at();
      await page.goto(`${city.base}/city`);
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
      const { page } = at();
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

    it("the office takes the outlines away, lays its tiles out, and imports outlines again", async () => {
      const { browser, city, page } = at();
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
      // On the screen, too, each name is whole, and as large as it must be: in English it may be parted.
      for (const [language, least] of [["zh", 0.019], ["en", 0.013]] as const) {
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
  });
}
