import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { closure } from "../scripts/head";
import { oneOfVue } from "../scripts/lean";

it("a file of the build holds what a page imports, but of the kit only what the bundler finds used", () => {
  const kit = "/node_modules/element-plus/es/index.mjs";
  const imports: Record<string, string[]> = {
    "page.vue": ["part.vue", "/node_modules/vue/index.mjs", kit],
    "part.vue": ["page.vue", "number.ts"],
    [kit]: ["/node_modules/element-plus/es/components/table.mjs"],
    "later.vue": ["chart.ts"],
  };
  const graph = { getModuleInfo: (id: string) => (imports[id] ? { importedIds: imports[id]! } : null) };
  expect([...closure(["page.vue"], graph)].sort()).toEqual([
    "/node_modules/vue/index.mjs",
    "number.ts",
    "page.vue",
    "part.vue",
  ]);
});

it("of vue-i18n's Vue one function is left, and nothing else of it is used there", () => {
  const library = readFileSync(join(import.meta.dirname, "../node_modules/vue-i18n/dist/vue-i18n.mjs"), "utf8");
  const lean = oneOfVue(library);
  expect(lean).not.toContain("* as Vue");
  // In the library as it is, the name stands in that one function alone.
  const code = lean.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$|'[^'\n]*'|"[^"\n]*"/gm, "");
  expect(code.match(/.*\bVue\b.*/g)!.map((line) => line.trim())).toEqual([
    expect.stringContaining("const Vue = { getCurrentInstance: vueInstance };"),
    "if (key in Vue) {",
    "return Vue[key];",
    "return Vue.getCurrentInstance();",
  ]);
  expect(() => oneOfVue(library.replace("import * as Vue", "import * as V"))).toThrow("scripts/lean.ts");
});

it("no page says what it is by options, which the build leaves out of Vue", () => {
  const sources = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? sources(path) : path.endsWith(".vue") ? [path] : [];
    });
  const all = sources(import.meta.dirname);
  expect(all.length).toBeGreaterThan(200);
  for (const path of all) {
    const text = readFileSync(path, "utf8");
    expect(/<script(?! setup)|export default|ElTreeSelect/.test(text), path).toBe(false);
  }
});
