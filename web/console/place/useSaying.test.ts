import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createI18n } from "vue-i18n";
import en from "../words/en.json";
import zh from "../words/zh.json";
import { merged } from "./history";

const i18n = createI18n({ legacy: false, locale: "zh", messages: { zh, en } });
vi.mock("vue-i18n", async (real) => ({ ...(await real<typeof import("vue-i18n")>()), useI18n: () => i18n.global }));

vi.stubGlobal("navigator", { languages: ["zh"] });
vi.stubGlobal("document", { documentElement: {} });
const { useSaying } = await import("./useSaying");
type Said = Parameters<ReturnType<typeof useSaying>>[0];

type Schema = { properties: Record<string, { enum?: string[] }> };
const api = JSON.parse(readFileSync(join(import.meta.dirname, "../../openapi.json"), "utf8")) as {
  components: { schemas: Record<string, Schema> };
};
/** What the server may send. */
const all = (schema: string, field: string) => api.components.schemas[schema]!.properties[field]!.enum!;
const moment = { from: "2017-09-27", known: "2017-09-27T02:00:00Z" };

describe.each(["zh", "en"] as const)("a saying in %s", (language) => {
  const say = (l: Said) => {
    i18n.global.locale.value = language;
    return useSaying()(l);
  };

  it("has words for every kind of fact, with a value, without, and taken back", () => {
    expect(all("Saying", "kind").length).toBeGreaterThan(20);
    for (const kind of all("Saying", "kind"))
      for (const line of [{ value: 1 }, { value: 0 }, { value: -1 }, { value: 17_436, until: "2017-09-27" }])
        expect(say({ kind, ...moment, ...line }), kind).not.toMatch(/place\.|[{}]/);
  });

  it("has words for whatever happens to a place", () => {
    for (const why of all("Version", "why")) {
      const [line] = merged([], [{ why, name: "名", by: "li", ...moment } as never], "");
      expect(say(line!), why).not.toMatch(/place\.|[{}]/);
      expect(say(line!), why).toContain("名");
    }
  });

  it("says how an inspection turned out", () => {
    const results = all("CompoundState", "inspected").map((text) =>
      say({ kind: "inspected", ...moment, value: 1, text }),
    );
    for (const said of results) expect(said).not.toMatch(/place\.|[{}]/);
    expect(new Set(results).size).toBe(results.length);
  });
});
