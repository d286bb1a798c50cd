import { describe, expect, it } from "vitest";
import en from "../words/en.json";
import zh from "../words/zh.json";
import { BAD, type Cell, firstList, KEYS, keyWord, kinds, LISTS, lines, needs, pasted, type Report } from "./lists";

const cell = (row: number, kind: string, sheet = "") =>
  ({ row, kind, sheet, cell: `A${row}`, code: "x", says: "", name: `n${row}` }) as Cell;

describe("a report", () => {
  it("puts cells of one row together, in the order of the sheet, narrowed by kind", () => {
    const cells = [cell(3, "number"), cell(3, "day"), cell(5, "number"), cell(3, "number", "二")];
    expect(lines(cells, "").map((l) => [l.sheet, l.row, l.cells.length])).toEqual([
      ["", 3, 2],
      ["", 5, 1],
      ["二", 3, 1],
    ]);
    expect(lines(cells, "day").map((l) => l.row)).toEqual([3]);
    expect(lines([], "")).toEqual([]);
  });

  it("lists the kinds that it has", () => {
    expect(kinds({ kinds: { day: 2, number: 7, similar: 1 } } as unknown as Report, BAD)).toEqual([
      { kind: "number", n: 7 },
      { kind: "day", n: 2 },
    ]);
  });
});

describe("whose list it is", () => {
  it("opens one that may be sent", () => {
    const of = (...held: string[]) => firstList((p) => held.includes(p));
    expect(of("place.read", "place.keep", "place.write")).toBe("compounds");
    expect(of("place.read", "place.keep")).toBe("channels");
    expect(of("place.read")).toBe("compounds");
    expect(LISTS.filter((l) => needs(l) === "place.keep")).toEqual(["channels", "areas", "assets"]);
  });
});

describe("what is pasted", () => {
  it("is taken when it is cells", async () => {
    const file = pasted("小区名称\t社区\n金阳花园\t东苗庄社区", "paste.tsv");
    expect(file?.name).toBe("paste.tsv");
    expect(await file?.text()).toContain("金阳花园");
    expect(pasted("金阳花园", "paste.tsv")).toBeNull();
    expect(pasted("  ", "paste.tsv")).toBeNull();
  });

  it("has a meaning once for each column, with a word of its own", () => {
    for (const list of LISTS) {
      expect(new Set(KEYS[list]).size).toBe(KEYS[list].length);
      for (const k of KEYS[list]) {
        const path = keyWord(list, k).split(".");
        for (const words of [zh, en]) {
          expect(path.reduce<unknown>((o, p) => (o as Record<string, unknown>)[p], words)).toBeTypeOf("string");
        }
      }
    }
  });
});
