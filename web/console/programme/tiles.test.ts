import { describe, expect, it } from "vitest";
import linyi from "./linyi.json";
import type { CountyRow } from "./programme";
import { neighbour, tiles } from "./tiles";

const county = (code: string, name = code) => ({ county: `id-${code}`, code, name }) as CountyRow;
const all = tiles(
  linyi.map((p) => county(p.code)),
  "zh",
);
const at = (code: string) => all.find((t) => t.county.code === code)!;

describe("the schematic map", () => {
  it("has a place of its own for each of the fifteen counties", () => {
    expect(all).toHaveLength(15);
    expect(new Set(all.map((t) => `${t.column},${t.row}`)).size).toBe(15);
  });

  it("puts a county that it does not know below the others", () => {
    const list = tiles([county("371302"), county("999999", "Elsewhere")], "en");
    expect(list.map((t) => [t.short, t.row])).toEqual([
      ["Lanshan", 2],
      ["Elsewhere", 3],
    ]);
  });

  it("is walked with the arrow keys, from any tile to any other", () => {
    expect(neighbour(all, at("371302"), "ArrowUp")?.county.code).toBe("371321");
    expect(neighbour(all, at("371322"), "ArrowDown")).toBeUndefined();
    expect(neighbour(all, at("371322"), "Tab")).toBeUndefined();
    const seen = new Set([at("371322")]);
    for (const t of seen) {
      for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
        const next = neighbour(all, t, key);
        if (next) seen.add(next);
      }
    }
    expect(seen.size).toBe(15);
  });
});
