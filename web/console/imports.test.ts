import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** What Vue and the router know without an import. */
const BUILT_IN = new Set([
  "KeepAlive",
  "RouterLink",
  "RouterView",
  "Suspense",
  "Teleport",
  "Transition",
  "TransitionGroup",
]);

function pages(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return name === "node_modules" ? [] : pages(path);
    return name.endsWith(".vue") ? [path] : [];
  });
}

const pascal = (tag: string) => tag.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());

// The browser takes a component that was not imported for an element of its own: it is there, and is no button.
it("every component in a page's template is imported", () => {
  const missing: string[] = [];
  for (const path of pages(import.meta.dirname)) {
    const text = readFileSync(path, "utf8");
    const at = text.indexOf("<template>");
    if (at < 0) continue;
    const script = text.slice(0, at);
    for (const [, tag] of text.slice(at).matchAll(/<(el-[a-z-]+|[A-Z][A-Za-z]+)/g)) {
      const name = tag!.includes("-") ? pascal(tag!) : tag!;
      if (!BUILT_IN.has(name) && !new RegExp(`\\b${name}\\b`).test(script)) missing.push(`${path}: ${tag}`);
    }
  }
  expect([...new Set(missing)]).toEqual([]);
});
