// Pictures of the pages for the documentation and for a designer's eye: against a running server, `make demo`, or
// `linli demo --city` for the pages of the programme. Who has no password here is left out.
//   LINLI_API=http://127.0.0.1:8080 GUARD=password OPERATOR=password CITY=password npm run shots -- [folder] [picture …]
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, NARROW, openPage, signIn, WIDE } from "./browser.mjs";

const base = process.env.LINLI_API ?? "http://127.0.0.1:8080";
const folder = resolve(process.argv[2] ?? "test-results/shots");
const only = process.argv.slice(3);
mkdirSync(folder, { recursive: true });

const CONSOLE = ["", WIDE];
const PHONE = ["-phone", NARROW];
const TV = ["-tv", { width: 1920, height: 1080 }];

/** Picture, address, what has to be there or how long to wait for it, and the sizes. */
const pages = {
  guard: [
    ["wall", "/wall", 6000],
    ["camera", "/cameras/:camera", 4000],
    ["playback", "/playback?camera=:four&at=:past", 4000],
    ["change", "/change?camera=:camera", 3000],
    ["kiosk", "/kiosk?layout=4", 5000],
    ["looks", "/system/looks", 1500],
    ["about", "/about", 500],
  ],
  operator: [
    ["cameras", "/cameras", 1500],
    ["form", "/cameras/new", 1500],
    ["import", "/cameras/import", 500],
    ["disks", "/system/disks", 1500],
    ["accounts", "/system/accounts", 1000],
    ["tokens", "/system/tokens", 1000],
  ],
  city: [
    ["city", "/city", "#late"],
    ["county", "/city/:county", "[data-testid=compounds] tbody tr"],
    ["compound", "/compounds/:compound", "h1"],
    ["screen", "/screen", ".chart canvas", [CONSOLE, TV]],
    ["bulletin", "/bulletin?since=2017-09-20", "h1"],
    ["inspections", "/inspections", "h1"],
    ["inspection", "/inspections/:inspection", "h1"],
    ["pairings", "/help", "h1"],
    ["pairing", "/help/:pairing", "h1"],
  ],
};

/** What addresses name, as this server has it; a page of something that it does not have is left out. */
async function names(who, page) {
  const get = async (path) => {
    const reply = await page.request.get(base + path);
    return reply.ok() ? reply.json() : {};
  };
  if (who !== "city") {
    const { cameras = [] } = await get("/api/cameras");
    const four = cameras.slice(0, 4).map((c) => c.id);
    return { camera: four[0], four: four.join(","), past: new Date(Date.now() - 60_000).toISOString() };
  }
  const first = async (path, list) => (await get(path))[list]?.[0] ?? {};
  // The compound whose cameras run in the demo; any other where there is none of that name.
  const found = `/api/compounds?search=${encodeURIComponent(process.env.COMPOUND ?? "\u91d1\u9633\u82b1\u56ed")}&limit=1`;
  const any = await first("/api/programme/compounds?limit=1", "compounds");
  return {
    county: (await first("/api/programme/city", "counties")).county,
    compound: (await first(found, "compounds")).compound ?? any.compound,
    inspection: (await first("/api/inspections", "inspections")).id,
    pairing: (await first("/api/pairings", "pairings")).id,
  };
}

const browser = await launch();
for (const [who, list] of Object.entries(pages)) {
  const password = process.env[who.toUpperCase()];
  if (!password) continue;
  for (const language of ["zh", "en"]) {
    for (const size of [CONSOLE, PHONE, TV]) {
      const wanted = list.filter(
        ([shot, , , sizes = [CONSOLE, PHONE]]) => sizes.includes(size) && (only.length === 0 || only.includes(shot)),
      );
      if (wanted.length === 0) continue;
      const { page, context, said } = await openPage(browser, { size: size[1], language });
      await signIn(page, base, who, [password, `${password}-changed`]).catch(() =>
        signIn(page, base, who, [`${password}-changed`]),
      );
      const of = await names(who, page);
      for (const [shot, path, wait] of wanted) {
        const lacks = [...path.matchAll(/:(\w+)/g)].find(([, name]) => !of[name]);
        if (lacks) {
          console.log(`${shot}: this server has no ${lacks[1]}`);
          continue;
        }
        await page.goto(base + path.replace(/:(\w+)/g, (_, name) => of[name]));
        if (typeof wait === "number") await page.waitForTimeout(wait);
        else {
          await page.locator(wait).first().waitFor({ timeout: 30_000 });
          await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), undefined, { timeout: 30_000 });
          await page.waitForTimeout(1500); // charts are drawn in
        }
        await page.screenshot({ path: join(folder, `${shot}${size[0]}.${language}.png`) });
      }
      if (said.length > 0) console.log(who, language, size[0], said);
      await context.close();
    }
  }
}
await browser.close();
console.log(folder);
