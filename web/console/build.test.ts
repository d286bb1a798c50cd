import { expect, it } from "vitest";
import { closure } from "../scripts/head";

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
