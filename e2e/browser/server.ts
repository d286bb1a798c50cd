// A compound of its own for each story: the real binary, simulated cameras, a folder that goes afterwards.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const BINARY = resolve(process.env.LINLI_BIN ?? join(import.meta.dirname, "../../bin/linli"));

export interface Compound {
  base: string;
  /** The simulator's control address. */
  control: string;
  passwords: Record<string, string>;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}

export async function startCompound(cameras = 4): Promise<Compound> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not built: make build`);
  const data = mkdtempSync(join(tmpdir(), "linli-browser-"));
  const [http, rtsp, webrtc] = await Promise.all([freePort(), freePort(), freePort()]);
  const args = ["demo", "--data", data, "--listen", `127.0.0.1:${http}`, "--rtsp", `127.0.0.1:${rtsp}`];
  const child = spawn(BINARY, [...args, "--webrtc", `127.0.0.1:${webrtc}`, "--cameras", String(cameras)], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => { said += bytes.toString(); });
  const base = `http://127.0.0.1:${http}`;
  let stopping = false;
  child.once("exit", (code) => {
    // A server that dies in the middle of a story: its last words are what one needs to know.
    if (!stopping) console.error(`the server ended by itself, ${code}:\n${said.slice(-6000)}`);
  });
  const stop = async () => {
    stopping = true;
    await ended(child);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await until(async () => (await fetch(`${base}/readyz`).catch(() => null))?.ok === true && /control: \S+/.test(said), 20_000, () => said);
  } catch (error) {
    await stop();
    throw error;
  }
  const passwords = Object.fromEntries([...said.matchAll(/^ {2}(guard|operator)\s+(\S+)$/gm)].map((m) => [m[1]!, m[2]!]));
  return { base, control: /control: (\S+)/.exec(said)![1]!, passwords, stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), 8000);
  await gone;
  clearTimeout(late);
}

/** Waits for something to become true; says what stood in the way when it does not. */
export async function until(true_: () => Promise<boolean> | boolean, within = 10_000, why: () => string = () => "") {
  const end = Date.now() + within;
  for (;;) {
    if (await true_()) return;
    if (Date.now() > end) throw new Error(`not within ${within} ms ${why()}`.slice(-4000));
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A fault of one simulated camera. */
export async function fault(compound: Compound, camera: number, kind: string, seconds: number): Promise<void> {
  const url = `${compound.control}/cam/${String(camera).padStart(4, "0")}/fault`;
  const reply = await fetch(url, { method: "POST", body: JSON.stringify({ kind, seconds }) });
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
}
