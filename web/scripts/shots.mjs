// Pictures of the pages for the documentation and for a designer's eye: against a running server, `make demo`.
//   LINLI_API=http://127.0.0.1:8080 GUARD=password OPERATOR=password npm run shots -- [folder]
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { launch, NARROW, openPage, signIn, WIDE } from "./browser.mjs";

const base = process.env.LINLI_API ?? "http://127.0.0.1:8080";
const folder = resolve(process.argv[2] ?? "test-results/shots");
mkdirSync(folder, { recursive: true });

const pages = {
  guard: [
    ["wall", "/wall", 6000],
    ["camera", "/cameras/:id", 4000],
    ["playback", "/playback?camera=:four&at=:past", 4000],
    ["change", "/change?camera=:id", 3000],
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
};

const browser = await launch();
for (const [who, list] of Object.entries(pages)) {
  const password = process.env[who.toUpperCase()];
  if (!password) continue;
  for (const language of ["zh", "en"]) {
    for (const [name, size] of [
      ["", WIDE],
      ["-phone", NARROW],
    ]) {
      const { page, context, said } = await openPage(browser, { size, language });
      await signIn(page, base, who, [password, `${password}-changed`]).catch(() =>
        signIn(page, base, who, [`${password}-changed`]),
      );
      const { cameras } = await (await page.request.get(`${base}/api/cameras`)).json();
      const fill = (path) =>
        path
          .replace(
            ":four",
            cameras
              .slice(0, 4)
              .map((c) => c.id)
              .join(","),
          )
          .replace(":id", cameras[0].id)
          .replace(":past", new Date(Date.now() - 60_000).toISOString());
      for (const [shot, path, wait] of list) {
        await page.goto(base + fill(path));
        await page.waitForTimeout(wait);
        await page.screenshot({ path: join(folder, `${shot}${name}.${language}.png`) });
      }
      if (said.length > 0) console.log(who, language, name, said);
      await context.close();
    }
  }
}
await browser.close();
console.log(folder);
