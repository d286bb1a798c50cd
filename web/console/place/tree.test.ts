import { describe, expect, it } from "vitest";
import { above, below, deedsOf, keyed, type Place, rowsOf } from "./tree";

const place = (id: string, level: string) => ({ place: id, level, name: id }) as Place;
const tops = [place("city", "city")];
const under = new Map([
  ["city", [place("a", "county"), place("b", "county")]],
  ["a", [place("a1", "street")]],
]);

describe("the tree of places", () => {
  it("shows what is open, and knows each line's place among its brothers", () => {
    expect(rowsOf(tops, under, new Set()).map((r) => r.place.place)).toEqual(["city"]);
    const rows = rowsOf(tops, under, new Set(["city", "a"]));
    expect(rows.map((r) => [r.place.place, r.depth, r.at, r.of])).toEqual([
      ["city", 0, 1, 1],
      ["a", 1, 1, 2],
      ["a1", 2, 1, 1],
      ["b", 1, 2, 2],
    ]);
  });

  it("does not open a compound", () => {
    const [row] = rowsOf([place("x", "compound")], new Map([["x", [place("y", "building")]]]), new Set(["x"]));
    expect([row!.leaf, row!.open]).toEqual([true, false]);
    expect(keyed([row!], 0, "ArrowRight")).toEqual({});
  });

  it("is walked by arrows: right opens, then goes in; left closes, then goes out", () => {
    const shut = rowsOf(tops, under, new Set(["city"]));
    expect(keyed(shut, 1, "ArrowRight")).toEqual({ open: "a" });
    const rows = rowsOf(tops, under, new Set(["city", "a"]));
    expect(keyed(rows, 1, "ArrowRight")).toEqual({ to: 2 });
    expect(keyed(rows, 2, "ArrowLeft")).toEqual({ to: 1 });
    expect(keyed(rows, 3, "ArrowLeft")).toEqual({ to: 0 });
    expect(keyed(rows, 1, "ArrowLeft")).toEqual({ close: "a" });
    expect(keyed(rows, 3, "ArrowDown")).toEqual({ to: 3 });
    expect(keyed(rows, 0, "ArrowUp")).toEqual({ to: 0 });
    expect(keyed(rows, 0, "End")).toEqual({ to: 3 });
    expect(keyed(rows, 0, "x")).toEqual({});
  });

  it("has a level above and below each, and nothing ends a city", () => {
    expect([above("city"), below("city"), above("compound"), below("building")]).toEqual([
      undefined,
      "county",
      "community",
      undefined,
    ]);
    expect(deedsOf("city")).not.toContain("end");
    expect(deedsOf("street")).toHaveLength(6);
    expect(deedsOf("building")).not.toContain("add");
  });
});
