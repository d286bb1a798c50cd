// An acceptance on the spot, told on the city's server: a form published by a second person, two inspectors with a phone each, one of
// them without a network; what they differ in, what they sign, what has to be mended, and the re-check.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NARROW, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, until } from "./server";

interface Told {
  state: string;
  result?: string;
  version: number;
  team: { account: string; signed?: string }[];
  answers: { item: string; differ: boolean; answer: { id: string; value?: string; photos?: string[] } }[];
  photos: { id: string; width: number }[];
  mendings: { item: string; state: string }[];
}

export function inspectionStories(at: () => { city: Compound; browser: Browser; page: Page; chosen: string }): void {
  describe("an acceptance on the spot", () => {
    let county: { page: Page; context: BrowserContext; said: string[] };
    let street: typeof county;
    let compound = "";
    let id = "";
    const base = () => at().city.base;
    const one = async (page = county.page) => (await (await page.request.get(`${base()}/api/inspections/${id}`)).json()) as Told;
    const field = (page: Page) => page.getByTestId("field");
    const say = (page: Page, item: string, value: string) => page.getByTestId(`say-${item}-${value}`).check({ force: true });
    const unsent = async (page: Page) => Number(await field(page).getAttribute("data-unsent"));

    beforeAll(async () => {
      const { city, browser, chosen } = at();
      county = await openPage(browser, { size: NARROW, touch: true });
      await signIn(county.page, city.base, "county", [chosen, city.passwords.county!, chosen]);
      street = await openPage(browser, { size: NARROW, touch: true });
      await signIn(street.page, city.base, "street", [chosen, city.passwords.street!, chosen]);
      const { compounds } = (await (await county.page.request.get(`${city.base}/api/compounds?search=jyhy`)).json()) as { compounds: { compound: string }[] };
      compound = compounds[0]!.compound;
    }, 60_000);
    afterAll(async () => {
      await county?.context.close();
      await street?.context.close();
    });

    it("a form is published by a second person, and anybody may read it", async () => {
      const { city, browser, page, chosen } = at();
      await page.goto(`${base()}/forms`);
      await page.getByTestId("form-starter").click();
      await page.getByTestId("form-id").fill("acceptance");
      await page.getByTestId("form-save").click();
      await page.waitForURL("**/forms/acceptance/1");
      const office = await openPage(browser);
      await signIn(office.page, city.base, "city", [chosen, city.passwords.city!, chosen]);
      await office.page.goto(`${base()}/forms/acceptance/1`);
      await office.page.getByTestId("form-publish").click();
      await office.page.locator(".el-message-box__btns .el-button--primary").click();
      await office.page.locator("[data-testid=form-one][data-state=published]").waitFor();
      await office.context.close();
      const stranger = await openPage(browser, { language: "en" });
      await stranger.page.goto(`${base()}/forms/acceptance/1`);
      await stranger.page.getByText("Safe compound: inspection and acceptance").waitFor();
      expect(await stranger.page.locator("main").innerText()).not.toMatch(/[\u4e00-\u9fff]/);
      const file = stranger.page.waitForEvent("download");
      await stranger.page.getByTestId("form-download").click();
      expect((await file).suggestedFilename()).toMatch(/\.xlsx$/);
      await stranger.context.close();
    }, 60_000);

    it("two inspectors open it; one loses the network, reloads, fills in and takes a photo", async () => {
      const { inspectors } = (await (await county.page.request.get(`${base()}/api/inspectors?compound=${compound}`)).json()) as { inspectors: { account: string; name: string }[] };
      const me = async (page: Page) => ((await (await page.request.get(`${base()}/api/session`)).json()) as { account: string }).account;
      const team = [await me(county.page), await me(street.page)];
      expect(inspectors.map((x) => x.account)).toEqual(expect.arrayContaining(team));
      const planned = await county.page.request.post(`${base()}/api/inspections`, { data: { compound, form: "acceptance", form_number: 1, day: "2017-09-27", team }, headers: { Origin: base() } });
      expect(planned.status(), await planned.text()).toBe(201);
      id = ((await planned.json()) as { id: string }).id;

      const { page, context } = county;
      await page.goto(`${base()}/field/${id}`);
      await page.getByTestId("shell-kept").waitFor({ timeout: 15_000 });
      await context.setOffline(true);
      await page.reload();
      await page.locator("[data-testid=field][data-cut=true]").waitFor();
      await page.locator("h1", { hasText: "金阳花园" }).waitFor();
      await say(page, "duty_24h", "no");
      await say(page, "fence", "damaged");
      await page.getByTestId("mend-fence").fill("修补北侧围墙");
      await page.getByTestId("mend-fence").blur();
      // A day as people write it, and by the programme's clock, with no network to ask.
      await page.getByTestId("mend-due-fence").fill("2017-10-9");
      await page.getByTestId("mend-due-fence").blur();
      expect(await page.getByTestId("mend-due-fence").inputValue()).toBe("2017-10-09");
      const picture = await page.evaluate(() => {
        const c = document.createElement("canvas");
        c.width = 3000;
        c.height = 2000;
        c.getContext("2d")!.fillRect(0, 0, 1500, 1000);
        return c.toDataURL("image/jpeg").split(",")[1]!;
      });
      await page.getByTestId("photo-fence").setInputFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: Buffer.from(picture, "base64") });
      await page.locator("[data-item=fence] [data-testid=field-photo]").waitFor();
      await until(async () => (await unsent(page)) >= 5);
      // The phone is put away and taken out again: nothing is lost, and it still says what has not been sent.
      await page.reload();
      await page.locator("[data-item=fence] [data-testid=field-photo][data-unsent=true] img").waitFor();
      expect(await page.getByTestId("say-duty_24h-no").isChecked()).toBe(true);
      expect(await page.getByTestId("field-state").innerText()).toMatch(/没有网络[\s\S]*未送达：\d+ 条答案、1 张照片/);
      expect((await one(street.page)).answers).toEqual([]);
    }, 60_000);

    it("the team mate says otherwise meanwhile; back in the network all is sent once, and both answers stand until one is chosen", async () => {
      await street.page.goto(`${base()}/field/${id}`);
      await say(street.page, "duty_24h", "yes");
      await until(async () => (await unsent(street.page)) === 0 && (await one(street.page)).answers.length === 1, 15_000);

      await county.context.setOffline(false);
      await until(async () => (await unsent(county.page)) === 0, 30_000);
      const told = await one();
      expect(told.photos).toHaveLength(1);
      expect(told.photos[0]!.width).toBe(1600);
      expect(told.answers.find((a) => a.item === "duty_24h")!.differ).toBe(true);
      const differ = county.page.locator("[data-item=duty_24h]").getByTestId("field-differ");
      await differ.waitFor();
      expect(await differ.locator("button").count()).toBe(2);
      await differ.locator("button", { hasText: "：是" }).click();
      await until(async () => (await one()).answers.find((a) => a.item === "duty_24h")?.differ === false, 15_000);
      expect((await one()).answers.find((a) => a.item === "duty_24h")!.answer.value).toBe("yes");
    }, 60_000);

    it("what is left is filled in, both sign, and the result is: to be mended", async () => {
      const { page } = county;
      const best: Record<string, string> = { guards: "full", rounds: "6", gates: "2", entrance_doors: "all", hydrants: "1", has_car_park: "no", video_gates: "all", video_roads: "most", video_works: "5", access_control: "works" };
      for (const item of ["handover", "training", "drill", "notice", "fire_lane", "lift", "common_only", "networked", "alarm"]) best[item] = "yes";
      for (const [item, value] of Object.entries(best)) await say(page, item, value);
      for (const [item, value] of [["lights_off", "0"], ["retention", "30"]] as const) {
        await page.getByTestId(`type-${item}`).fill(value);
        await page.getByTestId(`type-${item}`).blur();
      }
      const shot = await page.screenshot({ type: "jpeg" });
      for (const item of ["fire_lane", "overview"]) await page.getByTestId(`photo-${item}`).setInputFiles({ name: "IMG_2.jpg", mimeType: "image/jpeg", buffer: shot });
      await until(async () => (await unsent(page)) === 0, 30_000);
      await until(async () => (await page.getByTestId("field-lacking").count()) === 0, 10_000);
      await page.getByTestId("field-sign").click();
      await until(async () => (await one()).team.filter((m) => m.signed).length === 1, 10_000);
      await street.page.reload();
      await street.page.getByTestId("field-sign").click();
      await until(async () => (await one()).state === "finished", 15_000);
      expect((await one()).result).toBe("mend");
    }, 90_000);

    it("what is lacking is mended with a photo, looked at by another, and a re-check is planned", async () => {
      const office = street.page;
      await office.goto(`${base()}/inspections/${id}`);
      await office.locator("[data-testid=inspection][data-result=mend]").waitFor();
      expect(await office.getByTestId("mendings").innerText()).toContain("修补北侧围墙");
      expect(await office.getByTestId("mendings").innerText()).toContain("2017-10-09");
      await office.getByTestId("mend-open-fence").click();
      await office.getByTestId("mend-note-fence").fill("围墙已修好");
      await office.getByTestId("mend-photo-fence").setInputFiles({ name: "after.jpg", mimeType: "image/jpeg", buffer: await office.screenshot({ type: "jpeg" }) });
      await office.getByTestId("mend-report-fence").click();
      await office.locator("[data-mending=fence][data-state=reported]").waitFor();
      const { page } = county;
      await page.goto(`${base()}/inspections/${id}`);
      await page.getByTestId("mend-open-fence").click();
      await page.getByTestId("mend-accept-fence").click();
      await page.locator("[data-mending=fence][data-state=accepted]").waitFor();
      await page.getByTestId("recheck").click();
      await page.getByTestId("plan-team").click();
      for (const name of ["兰山区", "街道"]) await page.locator(".el-select-dropdown__item:visible", { hasText: name }).first().click();
      await page.keyboard.press("Escape");
      await page.getByTestId("plan-save").click();
      await page.waitForURL((url) => url.pathname.startsWith("/inspections/") && !url.pathname.endsWith(id));
      await page.locator("[data-testid=inspection][data-state=planned]").waitFor();
      await page.goto(`${base()}/compounds/${compound}`);
      await until(async () => (await page.getByTestId("compound-inspections").locator("tbody tr").count()) >= 2, 10_000);
      expect([...county.said, ...street.said].filter((s) => !/ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(s))).toEqual([]);
    }, 60_000);
  });
}
