import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CountyRow } from "./programme";
import { moved, neighbour, parted, type Spot, tiles } from "./tiles";

// The map that ships with the product, as the server hands it out.
const shipped = JSON.parse(readFileSync(join(import.meta.dirname, "../../../people/outline/linyi.json"), "utf8")) as {
  code: string;
  column: number;
  row: number;
  zh: string;
  en: string;
}[];
const layout = shipped.map(
  (p): Spot => ({ place: `id-${p.code}`, column: p.column, row: p.row, short_zh: p.zh, short_en: p.en }),
);
const county = (code: string, name = code) => ({ county: `id-${code}`, code, name }) as CountyRow;
const all = tiles(
  shipped.map((p) => county(p.code)),
  "zh",
  layout,
);
const at = (code: string) => all.find((t) => t.county.code === code)!;

it("parts a long name between syllables, and the name stays what it is", () => {
  const cut = (name: string) => parted(name).split("\u00ad").join("-");
  expect(["Luozhuang", "Jingkai", "Yinan", "Junan", "Feixian", "Mengyin", "Lanshan", "Yi"].map(cut)).toEqual([
    "Luo-zhuang",
    "Jing-kai",
    "Yi-nan",
    "Ju-nan",
    "Fei-xian",
    "Meng-yin",
    "Lan-shan",
    "Yi",
  ]);
  for (const { en, zh } of shipped) {
    expect(parted(en).replace(/\u00ad/g, "")).toBe(en);
    expect(parted(zh)).toBe(zh);
    for (const part of parted(en).split("\u00ad")) expect(part.length, en).toBeLessThan(7);
  }
});

describe("the schematic map", () => {
  it("has a place of its own for each of the fifteen counties", () => {
    expect(all).toHaveLength(15);
    expect(new Set(all.map((t) => `${t.column},${t.row}`)).size).toBe(15);
  });

  it("puts a county that it does not know below the others", () => {
    const list = tiles([county("371302"), county("999999", "Elsewhere")], "en", layout);
    expect(list.map((t) => [t.short, t.row])).toEqual([
      ["Lanshan", 2],
      ["Elsewhere", 3],
    ]);
  });

  it("of a city that nobody has laid out is rows of five", () => {
    const list = tiles(
      ["a", "b", "c", "d", "e", "f"].map((c) => county(c)),
      "zh",
      [],
    );
    expect(list.map((t) => [t.column, t.row])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [0, 1],
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

describe("laying the map out", () => {
  const two: Spot[] = [
    { place: "a", column: 0, row: 0, short_zh: "A", short_en: "A" },
    { place: "b", column: 1, row: 0, short_zh: "B", short_en: "B" },
  ];
  const where = (list: Spot[]) => list.map((t) => `${t.place}${t.column},${t.row}`);

  it("moves a county to a free spot, and changes places with the one that stands there", () => {
    expect(where(moved(two, "a", 3, 2))).toEqual(["a3,2", "b1,0"]);
    expect(where(moved(two, "a", 1, 0))).toEqual(["a1,0", "b0,0"]);
    expect(where(moved(two, "nobody", 5, 5))).toEqual(["a0,0", "b1,0"]);
    expect(where(two)).toEqual(["a0,0", "b1,0"]);
  });
});
