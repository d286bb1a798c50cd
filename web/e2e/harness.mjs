// Starts the real program with the demo compound, and a real browser. Everything on loopback and in a folder of its own.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const binary = resolve(import.meta.dirname, "../../bin/linli");

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// demo runs `linli demo` and waits until it is ready.
export async function demo({ cameras = 4, flags = [] } = {}) {
  const data = await mkdtemp(join(tmpdir(), "linli-e2e-"));
  const [http, rtsp, webrtc] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const args = [
    "demo",
    "--data",
    data,
    "--cameras",
    `${cameras}`,
    "--listen",
    `127.0.0.1:${http}`,
    "--rtsp",
    `127.0.0.1:${rtsp}`,
    "--webrtc",
    `127.0.0.1:${webrtc}`,
    "--log-level",
    "warn",
    ...flags,
  ];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (b) => {
    output += b;
  });
  child.stderr.on("data", (b) => {
    output += b;
  });
  const ended = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ok = await fetch(`${url}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ok) break;
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`linli demo did not start:\n${output}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url,
    data,
    output: () => output,
    async password(name) {
      const text = await readFile(join(data, "first-passwords"), "utf8");
      const line = text
        .split("\n")
        .map((l) => l.trim().split(/\s+/))
        .find((f) => f.length === 2 && f[0] === name);
      if (!line) throw new Error(`no first password of ${name} in:\n${text}`);
      return line[1];
    },
    // simulator reaches the cameras' control address: drop, stall, stop …
    async simulator(path, body) {
      const ctl = /camera simulator control: (http:\/\/\S+)/.exec(output)?.[1];
      if (!ctl) throw new Error(`the simulator's control address was not printed:\n${output}`);
      const response = await fetch(
        ctl + path,
        body
          ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }
          : undefined,
      );
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response;
    },
    async stop() {
      const begin = Date.now();
      child.kill("SIGTERM");
      const { code, signal } = await ended;
      const took = Date.now() - begin;
      await rm(data, { recursive: true, force: true });
      return { code, signal, took };
    },
  };
}

// browser starts Chromium; every console error and failed page of the test is collected.
export async function browser() {
  const b = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
  return b;
}

export async function page(b, { locale = "zh-CN", viewport = { width: 1440, height: 900 } } = {}) {
  const context = await b.newContext({ locale, viewport, acceptDownloads: true });
  const p = await context.newPage();
  p.problems = [];
  p.on("console", (m) => {
    if (m.type() === "error") p.problems.push(m.text());
  });
  p.on("pageerror", (e) => p.problems.push(String(e)));
  return p;
}

export async function until(what, check, { timeout = 20_000, every = 200 } = {}) {
  const deadline = Date.now() + timeout;
  let last;
  while (Date.now() < deadline) {
    last = await check();
    if (last) return last;
    await new Promise((done) => setTimeout(done, every));
  }
  throw new Error(`in ${timeout / 1000} s it did not come true: ${what} (last: ${JSON.stringify(last)})`);
}
