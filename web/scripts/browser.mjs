// Debian's Chromium, quiet and without a network of its own.
import { chromium } from "playwright-core";

export const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

export function launch(options = {}) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS, ...options });
}

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/** While cameras begin, or one of them is in trouble, a wall that asks for a picture is told that there is none yet: until then. */
export const troubled = { until: 0 };

/** Cameras may be without a picture for so long from now on. */
export function trouble(seconds) {
  troubled.until = Math.max(troubled.until, Date.now() + seconds * 1000);
}

/** What was said, without the refusals that belong to the story: of each its status, and the address that it is of. */
export function besides(said, ...refusals) {
  return said.filter((line) => {
    const [, status, address] = /with a status of (\d+) .*\((\S+)\)$/.exec(line) ?? [];
    return !refusals.some(([of, where]) => status === String(of) && where.test(new URL(address).pathname));
  });
}

/** In the page: its PC's clock is so many milliseconds fast. */
function fast(ms) {
  const Right = Date;
  window.Date = new Proxy(Right, {
    construct: (_, args, as) => Reflect.construct(Right, args.length > 0 ? args : [Right.now() + ms], as),
    apply: () => new Right(Right.now() + ms).toString(),
    get: (_, name) => (name === "now" ? () => Right.now() + ms : Reflect.get(Right, name)),
  });
}

/** Opens a page in the compound's time zone that collects what the console says; `clock`: by how much its PC's is fast. */
export async function openPage(browser, { size = WIDE, language = "zh", state, touch = false, clock = 0 } = {}) {
  const context = await browser.newContext({
    viewport: size,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    storageState: state,
    hasTouch: touch,
  });
  await context.addInitScript((lang) => localStorage.setItem("linli.language", lang), language);
  if (clock !== 0) await context.addInitScript(fast, clock);
  const page = await context.newPage();
  const said = [];
  page.on("console", (m) => {
    if (!["error", "warning"].includes(m.type())) return;
    const { url } = m.location(); // of a reply that said no: which one
    // A camera that has sent nothing yet is not there: the wall asks again.
    if (/\/media\/[^/]+\/whep$/.test(url) && m.text().includes("status of 503") && Date.now() < troubled.until) return;
    said.push(`${m.type()}: ${m.text()}${url ? ` (${url})` : ""}`);
  });
  page.on("pageerror", (e) => said.push(`pageerror: ${e.message}`));
  return { context, page, said };
}

/** Signs in, choosing a new password when the first one stands. Answers the password that holds now. */
export async function signIn(page, base, name, passwords) {
  await page.goto(`${base}/signin`);
  for (const password of passwords) {
    await page.getByTestId("signin-name").fill(name);
    await page.getByTestId("signin-password").fill(password);
    await page.getByTestId("signin-enter").click();
    await page.waitForURL((url) => !url.pathname.startsWith("/signin"), { timeout: 8000 }).catch(() => {});
    if (new URL(page.url()).pathname.startsWith("/signin")) continue;
    if (!new URL(page.url()).pathname.startsWith("/password")) return password;
    const fresh = passwords[passwords.length - 1];
    await page.getByTestId("password-old").fill(password);
    await page.getByTestId("password-new").fill(fresh);
    await page.getByTestId("password-again").fill(fresh);
    await page.getByTestId("password-save").click();
    await page.waitForURL((url) => !url.pathname.startsWith("/password"), { timeout: 8000 });
    return fresh;
  }
  throw new Error(`${name} could not sign in`);
}
