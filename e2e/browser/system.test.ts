// What the system page says of the machine, held against what the machine answers: a number that is left out, or is another's, is found.
import { execFileSync } from "node:child_process";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { BINARY, type Compound, startCompound, until } from "./server";

let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];
/** Those of the compound, by id. */
let cameras: Map<string, string>;

beforeAll(async () => {
  compound = await startCompound(2);
  browser = await launch();
  ({ context, page, said } = await openPage(browser));
  await signIn(page, compound.base, "operator", [compound.passwords.operator!, "a-quiet-evening-7"]);
  const { cameras: all } = (await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string; name: string }[] };
  cameras = new Map(all.map((c) => [c.id, c.name]));
  // Of each stream there is a measured rate.
  await until(async () => {
    const { streams } = (await (await page.request.get(`${compound.base}/api/retention-estimate`)).json()) as Estimate;
    return streams.length === 2 * all.length && streams.every((s) => s.bit_rate > 0);
  }, 60_000);
}, 120_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

interface Estimate {
  days: number;
  fits: boolean;
  streams: { camera: string; stream: string; days: number; fit: number; bit_rate: number }[];
}

/** As pages write a rate; their words are not needed for it. */
const rate = (bits: number) => (bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`);
const whole = (days: number) => (days > 0 ? `${days} 天` : "不足 1 天");

const rows = (page: Page, table: string) => page.locator(`${table} tbody tr`).evaluateAll((all) => all.map((r) => [...(r as HTMLTableRowElement).cells].map((c) => c.innerText.trim())));

it("says how far back footage will reach, and of each stream what was promised, and what of it fits", async () => {
  // A page asks again when something has changed: what it was answered last counts.
  let estimate: Estimate | undefined;
  page.on("response", async (r) => {
    if (new URL(r.url()).pathname === "/api/retention-estimate" && r.ok()) estimate = (await r.json()) as Estimate;
  });
  await page.goto(`${compound.base}/system/disks`);
  const promises = page.getByTestId("promises");
  await promises.waitFor();
  const line = (s: Estimate["streams"][number]) => [cameras.get(s.camera)!, s.stream === "main" ? "主码流" : "子码流", rate(s.bit_rate), whole(s.days), whole(s.fit)].join(" | ");
  let [promised, answered]: string[][] = [];
  await until(
    async () => {
      promised = (await rows(page, "[data-testid=promises]")).map((r) => r.join(" | ")).sort();
      answered = estimate!.streams.map(line).sort();
      return promised.join() === answered.join();
    },
    10_000,
    () => `${promised} instead of ${answered}`,
  );
  if (!estimate) throw new Error("the page asked for no estimate");
  expect(new Set(estimate.streams.map((s) => s.camera))).toEqual(new Set(cameras.keys()));
  expect(estimate.streams.every((s) => s.bit_rate > 0 && s.days > 0)).toBe(true);
  expect(await promises.getAttribute("data-fits")).toBe(String(estimate.fits));
  // In days, or in hours where a day does not fit.
  const back = () => (estimate!.days >= 1 ? new RegExp(`约 ${Math.floor(estimate!.days)} 天`) : new RegExp(`约 ${Math.floor(estimate!.days * 24)} 小时`));
  expect(estimate.days).toBeGreaterThan(1 / 24);
  await until(async () => back().test(await promises.locator(".facts dd").first().innerText()));
}, 40_000);

it("says what each stream sends, as measured", async () => {
  type Streams = { cameras: { id: string; health?: { streams?: { which: string; width: number; height: number; video: string; bit_rate: number }[] | null } }[] };
  const asked = async () => ((await (await page.request.get(`${compound.base}/api/cameras`)).json()) as Streams).cameras;
  // A page that is opened before a rate was measured has none for a while.
  await until(async () => (await asked()).every((c) => c.health?.streams?.length === 2 && c.health.streams.every((s) => s.bit_rate > 0)), 20_000);
  await page.goto(`${compound.base}/system/streams`);
  const now = await asked();
  const sent = now.flatMap((c) => (c.health?.streams ?? []).map((s) => `${cameras.get(c.id)} ${s.which === "main" ? "主码流" : "子码流"} ${s.video} ${s.width}×${s.height}`));
  expect(sent).toHaveLength(2 * cameras.size);
  let table: string[][] = [];
  await until(
    async () => {
      table = await rows(page, ".part");
      return table.length === sent.length && table.every((r) => Number.parseFloat(r[4]!) > 0);
    },
    15_000,
    () => JSON.stringify(table),
  );
  expect(table.map((r) => `${r[0]} ${r[1]} ${r[3]!.split(" · ")[0]}`).sort()).toEqual(sent.sort());
  for (const r of table) expect(r[4]).toMatch(/^[\d.]+ [kM]bit\/s$/);
}, 40_000);

it("says which version it is, as the program itself does", async () => {
  await page.goto(`${compound.base}/system/version`);
  const version = execFileSync(BINARY, ["version"], { encoding: "utf8" });
  const shown = page.locator(".part .facts dd").first();
  await until(async () => (await shown.innerText()) !== "…");
  expect(version.split(/\s+/)).toContain(await shown.innerText());
}, 40_000);

it("has what happens now in its journal, open and read", async () => {
  await page.goto(`${compound.base}/system/journal`);
  const journal = page.getByTestId("journal");
  await journal.waitFor();
  const reason = `核对系统页 ${Date.now()}`;
  expect(await journal.getByText(reason).count()).toBe(0);
  const [camera, name] = [...cameras][1]!;
  const made = await page.request.post(`${compound.base}/api/holds`, { data: { camera, reason, now: true }, headers: { Origin: compound.base } });
  expect(made.status(), await made.text()).toBe(201);
  const kept = journal.locator("tr", { hasText: reason });
  await kept.waitFor({ timeout: 10_000 });
  for (const word of ["设立留存", name]) expect(await kept.innerText()).toContain(word);
  await page.reload(); // and in the one that is read
  await kept.waitFor({ timeout: 10_000 });
  const ended = () => journal.locator("tr", { hasText: "解除留存" }).count();
  const before = await ended();
  const { id } = (await made.json()) as { id: string };
  expect((await page.request.delete(`${compound.base}/api/holds/${id}`, { headers: { Origin: compound.base } })).status()).toBe(204);
  await until(async () => (await ended()) === before + 1);
}, 40_000);

it("said nothing on the console", () => expect(said).toEqual([]));
