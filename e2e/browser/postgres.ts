// A PostgreSQL of a story's own: on a socket in its folder, without a port, gone with the story.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Postgres {
  url: string;
  /** Does something to the database that the program never would. */
  run(sql: string): void;
  stop(): Promise<void>;
}

/** The folder of the newest version that is installed. */
function programs(): string {
  const root = "/usr/lib/postgresql";
  const versions = (existsSync(root) ? readdirSync(root) : []).filter((v) => existsSync(join(root, v, "bin/initdb"))).sort((a, b) => Number(b) - Number(a));
  if (versions.length === 0) throw new Error("PostgreSQL is not installed: scripts/need.sh test");
  return join(root, versions[0]!, "bin");
}

/** PostgreSQL refuses to run as root: then it runs as the user of Debian's package. */
function user(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (what: string) => Number(execFileSync("id", [what, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export async function startPostgres(): Promise<Postgres> {
  const bin = programs();
  const folder = mkdtempSync(join(tmpdir(), "linli-pg-"));
  const who = user();
  if (who.uid !== undefined) chownSync(folder, who.uid, who.gid!);
  const data = join(folder, "data");
  const options = { ...who, cwd: folder };
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"], { ...options, stdio: "pipe" });
  const server = spawn(join(bin, "postgres"), ["-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "dynamic_shared_memory_type=mmap"], { ...options, stdio: "ignore" });
  const gone = new Promise((done) => server.once("exit", done));
  return {
    url: `postgres://postgres@/postgres?host=${folder}`, // the program itself waits until it answers
    run(sql) {
      execFileSync(join(bin, "psql"), ["-h", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-c", sql], { ...options, stdio: "pipe" });
    },
    async stop() {
      server.kill("SIGINT");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
