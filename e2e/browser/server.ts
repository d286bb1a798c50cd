// A compound of its own for each story: the real binary, simulated cameras, a folder that goes afterwards.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { trouble } from "../../web/scripts/browser.mjs";
import { type Postgres, startPostgres } from "./postgres";

export const BINARY = resolve(process.env.LINLI_BIN ?? join(import.meta.dirname, "../../bin/linli"));

export interface Compound {
  base: string;
  /** Its folder. */
  data: string;
  /** The simulator's control address; another one after a restart. */
  readonly control: string;
  /** The simulated camera that nobody has registered. */
  readonly free: { main: string; sub: string; user: string; password: string };
  passwords: Record<string, string>;
  /** Ends the server; its folder stays. */
  end(): Promise<void>;
  /** Starts it again, on the same folder and ports. */
  begin(): Promise<void>;
  /** With postgres: does something to the database that the program never would. */
  sql(text: string): void;
  /** Ends it, and the folder goes. */
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

interface Run {
  child: ChildProcess;
  said(): string;
}

export interface Start {
  /** A server without demo and simulator: nothing is registered. */
  empty?: boolean;
  /** Where footage goes, instead of the data folder: DIR or DIR=QUOTA. */
  disk?: string;
  /** With the demo city, which takes a while to fill in. */
  city?: boolean;
  /** Over https, with the certificate of its own authority: tls/ca.crt in its folder. */
  tls?: boolean;
  /** On a PostgreSQL of its own, instead of SQLite. */
  postgres?: boolean;
  /** Reports to a hub, with the token in a file. */
  hub?: { url: string; tokenFile: string };
}

/** Whether it answers that it is ready; over https only to who trusts its authority. */
async function ready(base: string, data: string): Promise<boolean> {
  if (base.startsWith("http:")) return (await fetch(`${base}/readyz`).catch(() => null))?.ok === true;
  const authority = join(data, "tls", "ca.crt");
  if (!existsSync(authority)) return false;
  return new Promise((done) => {
    get(`${base}/readyz`, { ca: readFileSync(authority) }, (reply) => {
      reply.resume();
      done(reply.statusCode === 200);
    }).once("error", () => done(false));
  });
}

export async function startCompound(cameras = 4, { empty = false, disk, city = false, tls = false, postgres = false, hub }: Start = {}, again = 2): Promise<Compound> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not built: make build`);
  const data = mkdtempSync(join(tmpdir(), "linli-browser-"));
  const [http, rtsp, webrtc] = await Promise.all([freePort(), freePort(), freePort()]);
  const base = `${tls ? "https" : "http"}://127.0.0.1:${http}`;
  const args = [empty ? "serve" : "demo", "--data", data, "--listen", `127.0.0.1:${http}`, "--rtsp", `127.0.0.1:${rtsp}`, "--webrtc", `127.0.0.1:${webrtc}`];
  if (!empty) args.push("--cameras", String(cameras), "--lang", "en");
  if (disk) args.push("--disk", disk);
  if (city) args.push("--city");
  if (tls) args.push("--tls", "local");
  if (hub) args.push("--hub", hub.url, "--hub-token-file", hub.tokenFile);
  const database: Postgres | undefined = postgres ? await startPostgres() : undefined;
  if (database) args.push("--database", database.url);
  let run: Run | undefined;
  const control = () => /control: (\S+)/.exec(run?.said() ?? "")?.[1] ?? "";
  const begin = async () => {
    trouble(30);
    run = begun(args);
    await until(async () => (await ready(base, data)) && (empty || control() !== ""), city ? 150_000 : 20_000, run.said);
  };
  const end = async () => {
    if (run) await ended(run.child);
    run = undefined;
  };
  const stop = async () => {
    try {
      await end();
    } finally {
      await database?.stop();
    }
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await begin();
  } catch (error) {
    await stop();
    // Somebody else took the port that was free a moment ago: other stories start servers too.
    if (again > 0 && String(error).includes("cannot be listened on")) return startCompound(cameras, { empty, disk, city, tls, postgres, hub }, again - 1);
    throw error;
  }
  const passwords = Object.fromEntries([...run!.said().matchAll(/^ {2}(guard|operator|city|county|street|community|manager|unit)\s+(\S+)$/gm)].map((m) => [m[1]!, m[2]!]));
  return {
    base,
    data,
    get control() {
      return control();
    },
    get free() {
      const said = run?.said() ?? "";
      const [, main] = /main stream +(\S+)/.exec(said) ?? [];
      const [, sub] = /sub stream +(\S+)/.exec(said) ?? [];
      const [, user, password] = /user (\S+), password (\S+)/.exec(said) ?? [];
      return { main: main!, sub: sub!, user: user!, password: password! };
    },
    passwords,
    stop,
    end,
    begin,
    sql: (text) => database!.run(text),
  };
}

const stopping = new WeakSet<ChildProcess>();

function begun(args: string[]): Run {
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => { said += bytes.toString(); });
  child.once("exit", (code) => {
    // A server that dies in the middle of a story: its last words are what one needs to know.
    if (!stopping.has(child)) console.error(`the server ended by itself, ${code}:\n${said.slice(-6000)}`);
  });
  return { child, said: () => said };
}

async function ended(child: ChildProcess): Promise<void> {
  stopping.add(child);
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  let killed = false;
  const late = setTimeout(() => {
    killed = true;
    child.kill("SIGKILL");
  }, 5000);
  await gone;
  clearTimeout(late);
  // Whatever the story left open, viewers and exports among it: a server that is told to stop stops in order.
  if (killed) throw new Error("the server had not stopped after 5 s");
  if (child.exitCode !== 0) throw new Error(`the server stopped with ${child.exitCode ?? child.signalCode}`);
}

/** A disk of this size that is really full when it is full; undefined where nobody may mount one. */
export function smallDisk(megabytes: number): { path: string; remove(): void } | undefined {
  const path = mkdtempSync(join(tmpdir(), "linli-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}M`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }
  return {
    path,
    remove() {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
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
  trouble(seconds + 40); // until it is tried again
  const url = `${compound.control}/cam/${String(camera).padStart(4, "0")}/fault`;
  const reply = await fetch(url, { method: "POST", body: JSON.stringify({ kind, seconds }) });
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
}
