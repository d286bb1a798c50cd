// Over https, with the certificate of this server's own authority: a browser that was given it gets everything that needs a
// secure page, one that was not is not let in.
import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARGS, besides, launch, openPage, signIn } from "../../web/scripts/browser.mjs";
import { type Compound, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
let compound: Compound;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let said: string[];
let authority: X509Certificate;

beforeAll(async () => {
  compound = await startCompound(2, { tls: true });
  authority = new X509Certificate(readFileSync(join(compound.data, "tls", "ca.crt")));
  // Chromium takes a key to trust on its command line; nothing else becomes trusted by that.
  const key = createHash("sha256").update(authority.publicKey.export({ type: "spki", format: "der" })).digest("base64");
  browser = await launch({ args: [...ARGS, `--ignore-certificate-errors-spki-list=${key}`] });
  ({ context, page, said } = await openPage(browser));
  await page.addInitScript(() => {
    const wake = (navigator as unknown as { wakeLock?: { request(type: string): Promise<unknown> } }).wakeLock;
    if (!wake) return;
    const request = wake.request.bind(wake);
    wake.request = (type) => {
      Object.assign(window, { awake: type });
      return request(type);
    };
  });
  await signIn(page, compound.base, "guard", [compound.passwords.guard!, CHOSEN]);
}, 60_000);

afterAll(async () => {
  await context?.close();
  await browser?.close();
  await compound?.stop();
});

const frames = (where: string, on = page) => on.$$eval(`${where} video`, (all) => (all as HTMLVideoElement[]).map((v) => v.getVideoPlaybackQuality().totalVideoFrames));
const playing = (way: string, on = page) =>
  until(async () => {
    const now = await on.$$eval("[data-testid=live-picture]", (all) => all.map((e) => `${(e as HTMLElement).dataset.phase} ${(e as HTMLElement).dataset.way}`));
    return now.length === 2 && now.every((p) => p === `playing ${way}`);
  }, 30_000);
const advances = async (where: string, on = page) => {
  const before = await frames(where, on);
  await on.waitForTimeout(2000);
  for (const [i, n] of (await frames(where, on)).entries()) expect(n - before[i]!, `picture ${i}`).toBeGreaterThan(15);
};
/** By which protocol what came with these names came. */
const protocols = (name: RegExp, on = page) =>
  on.evaluate((source) => {
    const wanted = (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter((e) => new RegExp(source).test(e.name));
    return [wanted.length, [...new Set(wanted.map((e) => e.nextHopProtocol))].join()] as const;
  }, name.source);

describe("a secure page", () => {
  it("opens for nobody who was not given the authority's certificate", async () => {
    const stranger = await launch();
    const its = await stranger.newPage();
    await expect(its.goto(`${compound.base}/signin`)).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
    // Typed without the s, the same port leads there.
    const reply = await its.request.get(`${compound.base.replace("https:", "http:")}/wall`, { maxRedirects: 0 });
    expect([reply.status(), reply.headers().location]).toEqual([307, `${compound.base}/wall`]);
    await stranger.close();
  });

  it("has a cookie that no plain connection and no script is given", async () => {
    expect(await page.evaluate(() => [window.isSecureContext, document.cookie])).toEqual([true, ""]);
    const cookie = (await context.cookies()).find((c) => c.name === "linli_session")!;
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
  });

  it("plays over WebRTC, hears the journal, and keeps the gatehouse screen awake", async () => {
    await page.goto(`${compound.base}/kiosk?layout=4`);
    await playing("whep");
    await advances("[data-testid=live-picture]");
    expect(await protocols(/\/(api|assets)\//)).toEqual([expect.any(Number), "h2"]);
    expect(await page.evaluate(() => (window as { awake?: string }).awake)).toBe("screen");
    // The picture is taken away by the server: the page hears of it at once, over the one connection that it has for events.
    const { looks } = (await page.evaluate(async () => (await fetch("/api/looks?active=true")).json())) as { looks: { id: string; camera: string; kind: string }[] };
    const look = looks.find((l) => l.kind === "live")!;
    await page.evaluate((id) => fetch(`/api/looks/${id}`, { method: "DELETE" }), look.id);
    await page.locator(`[data-camera="${look.camera}"] [data-phase=dark]`).waitFor({ timeout: 2000 });
  });

  it("plays over low-latency HLS by HTTP/2 where no WebRTC goes", async () => {
    const other = await openPage(browser, { state: await context.storageState() });
    await other.page.addInitScript(() => {
      delete (window as Partial<Window & typeof globalThis>).RTCPeerConnection;
    });
    await other.page.goto(`${compound.base}/kiosk?layout=4`);
    await playing("hls", other.page);
    await advances("[data-testid=live-picture]", other.page);
    const [count, by] = await protocols(/\/media\//, other.page);
    expect(count).toBeGreaterThan(10);
    expect(by).toBe("h2");
    // No further behind than low latency means, over this transport too.
    const behind = await other.page.$$eval("video", (all) => (all as HTMLVideoElement[]).map((v) => v.buffered.end(v.buffered.length - 1) - v.currentTime));
    for (const b of behind) expect(b).toBeLessThan(3);
    expect(other.said).toEqual([]);
    await other.context.close();
  });

  it("plays the past back", async () => {
    const { cameras } = (await page.evaluate(async () => (await fetch("/api/cameras")).json())) as { cameras: { id: string }[] };
    await page.goto(`${compound.base}/playback?camera=${cameras[0]!.id},${cameras[1]!.id}&at=${new Date(Date.now() - 12_000).toISOString()}`);
    await page.getByTestId("play").click();
    await until(async () => {
      const now = await frames("[data-testid=track]");
      return now.length === 2 && now.every((n) => n > 40);
    }, 20_000);
    const [count, by] = await protocols(/\/media\//);
    expect(count).toBeGreaterThan(2);
    expect(by).toBe("h2");
  });

  it("tells everybody how to trust it: the page, the certificate, its fingerprint", async () => {
    const reader = await browser.newContext({ acceptDownloads: true, locale: "zh-CN" });
    const its = await reader.newPage();
    await its.goto(`${compound.base}/ca`);
    expect(await its.locator("h1").innerText()).toBe("信任本服务器");
    const shown = (await its.locator(".box code").innerText()).replace(/[^0-9A-Fa-f]/g, "").toUpperCase();
    expect(shown).toBe(authority.fingerprint256.replaceAll(":", ""));
    const download = its.waitForEvent("download");
    await its.locator("a.get").click();
    const got = new X509Certificate(readFileSync((await (await download).path())!));
    expect(got.fingerprint256).toBe(authority.fingerprint256);
    expect(got.ca).toBe(true);
    if (process.env.SHOTS) await its.screenshot({ path: `${process.env.SHOTS}/ca.png` });
    await reader.close();
  });

  it("said nothing on the console", () => expect(besides(said, [410, /^\/(media|api\/looks)\//])).toEqual([]));
});
