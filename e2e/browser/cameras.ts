// Cameras of a story's own: clips drawn by ffmpeg, served by the simulator, registered as an operator would.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIRequestContext } from "playwright-core";
import { BINARY, until } from "./server";

export interface Simulator {
  url: string;
  stop(): void;
  /** Ends it, and answers when its port is free. */
  gone(): Promise<void>;
}

export function clips(): { folder: string; draw(name: string, ...args: string[]): string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "linli-clips-"));
  return {
    folder,
    draw(name, ...args) {
      const path = join(folder, name);
      execFileSync("ffmpeg", ["-v", "error", "-y", ...args, path], { stdio: ["ignore", "ignore", "inherit"] });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
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

interface SimulateOptions {
  host?: string;
  user?: string;
  password?: string;
  /** A WAV file in G.711. */
  sound?: string;
  /** Where it listens, as one before it did. */
  port?: number;
}

export async function simulate(main: string, sub: string, { host = "127.0.0.1", user, password, sound, port: at }: SimulateOptions = {}): Promise<Simulator> {
  const port = at ?? (await freePort());
  const args = ["camsim", "--clip", main, "--sub-clip", sub, "--count", "1", "--listen", `${host}:${port}`, "--ctl", ""];
  if (user && password) args.push("--user", user, "--password", password);
  if (sound) args.push("--sound", sound);
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      said += bytes.toString();
    });
  }
  const first = () => /first=(rtsp:\S+)\/main/.exec(said)?.[1];
  await until(() => first() !== undefined, 15_000, () => said);
  return {
    url: first()!,
    stop: () => void child.kill("SIGINT"),
    gone() {
      const over = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill("SIGINT");
      return over;
    },
  };
}

/** Registers a camera and answers its id. The request carries an operator's session. */
export async function register(request: APIRequestContext, base: string, name: string, url: string, more: Record<string, unknown> = {}): Promise<string> {
  const body = {
    name,
    area: "东侧公共通道",
    area_kind: "road",
    angle: "朝南看公共通道",
    reason: "防止通道被堵",
    common: true,
    basis: "owners",
    main: `${url}/main`,
    sub: `${url}/sub`,
    ...more,
  };
  const reply = await request.post(`${base}/api/cameras`, { data: body, headers: { Origin: base } });
  if (reply.status() !== 201) throw new Error(`${reply.status()} ${await reply.text()}`);
  return ((await reply.json()) as { id: string }).id;
}
