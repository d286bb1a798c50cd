import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(vue|ts)$/.test(name) && !/\.test\.ts$/.test(name) ? [path] : [];
  });
}

// A network that brings no answer is a Problem too, with the browser's own English for a message: that is never empty, so what
// stands behind `||` would never be read.
it("no page takes an error's own message for the server's: what the server said is saidBy()", () => {
  const allowed = ["shell/ProblemBox.vue"]; // it asks first whether anybody answered
  const found = sources(root)
    .filter((path) => /\.message\s*(\|\||\?\?)\s*t\(/.test(readFileSync(path, "utf8")))
    .map((path) => path.slice(root.length + 1));
  expect(found.filter((path) => !allowed.includes(path))).toEqual([]);
});
