// A compound: the cameras of the one that has some, and what an office does with another.
import { describe, expect, it } from "vitest";
import { openPage, signIn } from "../../web/scripts/browser.mjs";
import { asked, CHOSEN, type Told } from "./city";
import { until } from "./server";

/** Before anything changes the figures. */
export function cameraStories(at: () => Told): void {
  describe("the demo's cameras", () => {
    const { found, six } = asked(at);

    it("the cameras of the demo are Jinyang Garden's: states there, pictures through the door, and the way back", async () => {
      const { city, page } = at();
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
  });
}

/** After those that count a county's compounds. */
export function moveStories(at: () => Told): void {
  describe("what an office does with a compound", () => {
    const { county } = asked(at);

    it("the office gives an extension with its reason, and a compound that moves leaves yesterday's county as it was", async () => {
      const { browser, city } = at();
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
  });
}
