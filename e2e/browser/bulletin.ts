// The bulletin: drafted, reviewed by another person, issued, and the same on the page, in its file and in the rows behind it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openPage, signIn } from "../../web/scripts/browser.mjs";
import { asked, CHOSEN, type Told } from "./city";
import { until } from "./server";

export function bulletinStories(at: () => Told): void {
  describe("the bulletin", () => {
    const { county } = asked(at);

    it("another person of the office reviews the draft, it is issued under its number, and its Word file is the one that was frozen", async () => {
      const { browser, city, page } = at();
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
      // Behind a milestone's figure stands which milestone it is, and which county, whether or not a row is found.
      const { milestones } = (await (await page.request.get(`${city.base}/api/programme`)).json()) as { milestones: { id: string; what: string; due: string }[] };
      const built = milestones.find((m) => m.what === "built")!;
      await page.goto(`${city.base}/rows?at=2017-04-11&figure=overdue&milestone=${built.id}&county=${await county("莒南县")}`);
      await page.getByText("没有符合条件的小区").waitFor();
      await until(async () => /莒南县[\s\S]*建成视频监控系统（\d{4}-\d\d-\d\d）[\s\S]*2017-04-11/.test(await page.locator(".page-head").innerText()));
      expect(await page.locator(".page-head").innerText()).toContain(built.due);
    });

    it("the bulletin says the same on the page and in its file, and why a number changed, compound by compound", async () => {
      const { city, page } = at();
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
  });
}
