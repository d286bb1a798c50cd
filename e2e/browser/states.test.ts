// What is seldom seen: a compound without cameras, a clock that was once in the future, a full disk, a camera with a certificate of its own that changes.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, NARROW, openPage, signIn, WIDE } from "../../web/scripts/browser.mjs";
import { clips, type Simulator, simulate } from "./cameras";
import { type Compound, smallDisk, startCompound, until } from "./server";

const CHOSEN = "a-quiet-evening-7";
const folder = mkdtempSync(join(tmpdir(), "linli-states-"));
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function enter(compound: Compound, who: string, language = "zh"): Promise<Page> {
  const { page } = await openPage(browser, { language });
  await signIn(page, compound.base, who, [compound.passwords[who]!, CHOSEN]);
  return page;
}

describe("a compound without cameras", () => {
  let compound: Compound;
  beforeAll(async () => {
    compound = await startCompound(0, { empty: true });
  });
  afterAll(() => compound?.stop());

  it("tells the guard whom to ask, and does not call everything fine", async () => {
    const page = await enter(compound, "guard");
    await page.getByText("请运维人员先登记摄像机").waitFor();
    await page.goto(`${compound.base}/kiosk`);
    await page.getByText("还没有摄像机").waitFor();
    expect(await page.getByTestId("kiosk").innerText()).not.toContain("全部摄像机正常");
    await page.context().close();
  });

  it("leads the operator to the first one", async () => {
    const page = await enter(compound, "operator", "en");
    await page.getByRole("button", { name: "Add a camera" }).click();
    await page.waitForURL("**/cameras/new");
    await page.context().close();
  });
});

describe("a clock that was once in the future", () => {
  let compound: Compound;
  let camera = "";
  /** A clock that was three hours slow. */
  const SLOW = 3 * 3_600_000;
  const found = async (page: Page, from: number) => {
    const query = `from=${new Date(from).toISOString()}&to=${new Date(from + SLOW / 2).toISOString()}`;
    const { spans } = (await (await page.request.get(`${compound.base}/api/cameras/${camera}/recordings?${query}`)).json()) as { spans: { from: string; to: string; unconfirmed: boolean }[] };
    return spans.map((s) => ({ from: Date.parse(s.from), to: Date.parse(s.to), unconfirmed: s.unconfirmed }));
  };
  const shows = (page: Page) => until(() => page.$$eval("[data-testid=track] video", ([v]) => v !== undefined && (v as HTMLVideoElement).readyState >= 2), 20_000);
  const playback = (page: Page, at: number) => page.goto(`${compound.base}/playback?camera=${camera}&at=${new Date(at).toISOString()}`);
  let begun = 0;

  beforeAll(async () => {
    compound = await startCompound(1, { postgres: true });
    await compound.end();
    const later = (Date.now() + 5 * 365 * 86_400_000) * 1000;
    compound.sql(`INSERT INTO archive_marks (name, value) VALUES ('wall', ${later}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
    begun = Date.now();
    await compound.begin();
  }, 120_000);
  afterAll(() => compound?.stop());

  it("is told beside the footage that it dates: with the picture, on the time bar, in an export, in both languages", async () => {
    for (const [language, size, says] of [["zh", WIDE, "画面时间未确认"], ["en", NARROW, "Time not confirmed"]] as const) {
      const { page, context, said } = await openPage(browser, { language, size });
      await signIn(page, compound.base, "guard", language === "zh" ? [compound.passwords.guard!, CHOSEN] : [CHOSEN]);
      camera = ((await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string }[] }).cameras[0]!.id;
      await until(async () => (await found(page, begun)).some((s) => s.unconfirmed && s.to - s.from > 10_000), 40_000);
      await playback(page, Date.now() - 6000);
      await shows(page);
      expect(await page.getByTestId("time-doubt").innerText()).toContain(says);
      await page.getByTestId("track-doubt").waitFor();
      if (size === WIDE) {
        expect(await page.locator(".legend").innerText()).toContain("时间未确认");
        const bar = page.getByTestId("timeline");
        const box = (await bar.boundingBox())!;
        const [low, high] = await bar.evaluate((e) => [Number(e.getAttribute("aria-valuemin")), Number(e.getAttribute("aria-valuemax"))]);
        await page.mouse.move(box.x + (box.width * (Date.now() - 6000 - low!)) / (high! - low!), box.y + box.height - 12);
        await page.locator("[data-testid=time-tip] [data-kind=unconfirmed]").waitFor();
      }
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/doubt-${language}.png` });
      await page.getByTestId("export-open").click();
      await page.getByTestId("export-doubt").waitFor();
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/doubt-export-${language}.png` });
      expect(said).toEqual([]);
      await context.close();
    }
  }, 120_000);

  it("is told on the system page, until whoever keeps the machine says that the time is right: then footage lies where it belongs", async () => {
    // What was recorded until now is made to look as if the clock had been three hours slow.
    await compound.end();
    const us = SLOW * 1000;
    for (const [table, set, where] of [
      ["segments", `start_us = start_us - ${us}, end_us = end_us - ${us}`, "unconfirmed"],
      ["footage_gaps", `from_us = from_us - ${us}`, "true"],
    ])
      compound.sql(`UPDATE ${table} SET ${set}, boot = c.boot || '#' || (c.zero_us - ${us}) FROM clock_settings c WHERE ${where} AND ${table}.boot = c.id`);
    compound.sql(`UPDATE clock_settings SET id = boot || '#' || (zero_us - ${us}), zero_us = zero_us - ${us}`);
    await compound.begin();
    const { page: guard, context } = await openPage(browser);
    await signIn(guard, compound.base, "guard", [CHOSEN]);
    const [was] = await found(guard, begun - SLOW);
    expect(was?.unconfirmed).toBe(true);
    await playback(guard, (was!.from + was!.to) / 2);
    await shows(guard);
    await guard.getByTestId("time-doubt").waitFor();

    const page = await enter(compound, "operator");
    await page.goto(`${compound.base}/system`);
    const note = page.getByTestId("clock");
    await note.getByText("早于已记录的时间").waitFor();
    expect(await note.innerText()).toMatch(/显示为 \d{4}-\d\d-\d\d \d\d:\d\d，/);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/doubt-system.png` });
    await note.getByRole("button", { name: "时钟无误" }).click();
    await until(async () => !(await page.getByText("早于已记录的时间").count()));
    const reply = await page.request.get(`${compound.base}/api/disks`);
    expect((await reply.json()).clock.reason).not.toBe("clock.past");
    await page.context().close();

    // The page that stands open hears of it: nothing is where it was looked at, and what is elsewhere is not in doubt.
    await guard.getByTestId("time-doubt").waitFor({ state: "detached", timeout: 60_000 });
    expect(await found(guard, begun - SLOW)).toEqual([]);
    const [is] = await found(guard, begun);
    expect(is?.unconfirmed).toBe(false);
    // By how much the two settings differ, read by two processes some seconds apart.
    expect(Math.abs(is!.from - was!.from - SLOW)).toBeLessThan(50);
    await playback(guard, is!.from + (was!.to - was!.from) / 2);
    await shows(guard);
    expect([await guard.getByTestId("time-doubt").count(), await guard.getByTestId("track-doubt").count()]).toEqual([0, 0]);
    if (process.env.SHOTS) await guard.screenshot({ path: `${process.env.SHOTS}/doubt-over.png` });
    await context.close();
  }, 180_000);
});

describe("a full disk", () => {
  const disk = smallDisk(24);
  let compound: Compound | undefined;
  afterAll(async () => {
    await compound?.stop();
    disk?.remove();
  });

  it.skipIf(!disk)("is told on the wall while the pictures go on, and no longer when there is room", async () => {
    compound = await startCompound(1, { disk: disk!.path });
    const page = await enter(compound, "guard");
    const fill = join(disk!.path, "somebody-elses");
    await page.locator("[data-testid=live-picture][data-phase=playing]").waitFor({ timeout: 20_000 });
    expect(await page.getByTestId("recording-note").count()).toBe(0);
    try {
      writeFileSync(fill, Buffer.alloc(24 << 20));
    } catch {
      // Until no byte is left.
    }
    await page.locator("[data-testid=recording-note][data-recording=stopped]").waitFor({ timeout: 90_000 });
    expect(await page.getByTestId("live-picture").getAttribute("data-phase")).toBe("playing");
    await page.getByTestId("recording-note").click();
    await page.locator("[data-testid=disk][data-state=full]").waitFor();
    rmSync(fill);
    await page.goto(`${compound.base}/wall`);
    await until(async () => (await page.getByTestId("recording-note").count()) === 0, 90_000);
    await page.context().close();
  }, 240_000);
});

describe("a camera with a certificate of its own", () => {
  let compound: Compound;
  let camera: Simulator;
  let guise: Server;
  let port = 0;
  const open = new Set<Socket>();
  const drawn = clips();
  const certificate = (name: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "30", "-subj", `/CN=${name}`], { stdio: "ignore" });
    const print = execFileSync("openssl", ["x509", "-in", cert, "-noout", "-fingerprint", "-sha256"], { encoding: "utf8" }).trim().split("=")[1]!;
    return { key: readFileSync(key), cert: readFileSync(cert), print };
  };
  const first = certificate("IPC-first");
  const second = certificate("IPC-second");

  beforeAll(async () => {
    const clip = drawn.draw("c.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=15", "-t", "8", "-c:v", "libx264", "-g", "15", "-bf", "0", "-pix_fmt", "yuv420p");
    camera = await simulate(clip, clip, { user: "admin", password: "right" });
    const behind = Number(new URL(camera.url.replace("rtsp:", "http:")).port);
    guise = createServer(first, (near) => {
      const far = connect(behind, "127.0.0.1");
      open.add(near);
      near.on("close", () => open.delete(near));
      near.pipe(far).pipe(near);
      near.on("error", () => far.destroy());
      far.on("error", () => near.destroy());
    });
    await new Promise<void>((done) => guise.listen(0, "127.0.0.1", done));
    port = (guise.address() as AddressInfo).port;
    compound = await startCompound(1);
  }, 60_000);
  afterAll(async () => {
    await compound?.stop();
    guise?.close();
    camera?.stop();
    drawn.remove();
  });

  it("shows its fingerprint, is believed by a person, and is a fault when it shows another", async () => {
    const page = await enter(compound, "operator");
    const at = `rtsps://127.0.0.1:${port}${new URL(camera.url.replace("rtsp:", "http:")).pathname}`;
    await page.goto(`${compound.base}/cameras/new`);
    await page.getByTestId("f-user").fill("admin");
    await page.getByTestId("f-password").fill("right");
    await page.getByTestId("f-main").fill(`${at}/main`);
    await page.getByTestId("f-sub").fill(`${at}/sub`);
    await page.getByTestId("source-test").click();
    await page.getByTestId("believe").waitFor({ timeout: 30_000 });
    expect(await page.getByTestId("source-report").first().innerText()).toContain(first.print);
    // A fingerprint is long and has no gap: it must not push the page off a phone.
    await page.setViewportSize(NARROW);
    expect(await page.locator("#main").evaluate((e) => e.scrollWidth - e.clientWidth)).toBeLessThanOrEqual(1);
    await page.setViewportSize(WIDE);
    await page.getByTestId("believe").click();
    await page.locator("[data-testid=source-report][data-ok=true]").nth(1).waitFor({ timeout: 30_000 });
    await page.getByTestId("f-name").fill("北侧围墙");
    await page.getByTestId("f-kind").click();
    await page.getByRole("option", { name: "大门" }).click();
    await page.getByTestId("f-area").fill("小区北门");
    await page.getByTestId("f-angle").fill("朝北看大门");
    await page.getByTestId("f-reason").fill("车辆和人员进出安全");
    await page.getByTestId("f-common").click();
    await page.getByTestId("f-basis").click();
    await page.getByRole("option", { name: "公共安全视频系统" }).click();
    await page.getByTestId("camera-save").click();
    const list = async () => ((await (await page.request.get(`${compound.base}/api/cameras`)).json()) as { cameras: { id: string; name: string; health: { state: string } }[] }).cameras;
    const state = async () => (await list()).find((c) => c.name === "北侧围墙")?.health.state;
    await until(async () => (await state()) === "online", 30_000);

    guise.setSecureContext(second);
    for (const near of open) near.destroy();
    await until(async () => (await state()) === "unreachable", 60_000);
    const id = (await list()).find((c) => c.name === "北侧围墙")!.id;
    await page.goto(`${compound.base}/cameras/${id}`);
    const said = await page.getByTestId("camera-trouble").innerText();
    expect(said).toContain("设备出示的证书与已确认的证书不一致，未向其发送密码。");
    expect(said).not.toContain("恢复后画面自动出现");
    await page.context().close();
  }, 180_000);
});
