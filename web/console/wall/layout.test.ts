import { describe, expect, it } from "vitest";
import { cells, LAYOUTS, neighbour, pages, readSetting, reconcile, shown, slots, swap, usual } from "./layout";

describe("layouts", () => {
  it.each(LAYOUTS)("%s: cells cover the grid without overlap", (layout) => {
    const taken = new Set<string>();
    for (const cell of cells(layout)) {
      for (let c = 0; c < cell.span; c++) {
        for (let r = 0; r < cell.span; r++) {
          const key = `${cell.column + c},${cell.row + r}`;
          expect(taken.has(key)).toBe(false);
          taken.add(key);
        }
      }
    }
    const side = layout === "focus" ? 4 : Math.sqrt(slots(layout));
    expect(taken.size).toBe(side * side);
  });

  it("pages a compound of 18 cameras", () => {
    expect(pages("4", 18)).toBe(5);
    expect(pages("16", 18)).toBe(2);
    expect(pages("9", 0)).toBe(1);
    const order = Array.from({ length: 18 }, (_, i) => `c${i}`);
    expect(shown({ layout: "16", order, page: 1, chosen: true }).filter(Boolean)).toEqual(["c16", "c17"]);
    expect(shown({ layout: "16", order, page: 9, chosen: true })[0]).toBe("c16");
  });
});

describe("arranging", () => {
  it("keeps the guard's arrangement when a camera goes and another comes", () => {
    expect(reconcile(["yard", "gate", "gone", "gate"], ["gate", "yard", "lift"])).toEqual(["yard", "gate", "lift"]);
  });

  it("swaps two and leaves the rest", () => {
    expect(swap(["a", "b", "c", "d"], "a", "c")).toEqual(["c", "b", "a", "d"]);
  });

  it("reads what an older version saved", () => {
    expect(readSetting(null)).toEqual({ layout: "4", order: [], page: 0, chosen: false });
    expect(readSetting({ layout: "25", order: ["a", 3], page: -1 })).toEqual({
      layout: "4",
      order: ["a"],
      page: 0,
      chosen: false,
    });
    // What was kept before there was a difference was somebody's choice; an arrangement alone is none.
    expect(readSetting({ layout: "1", order: [] }).chosen).toBe(true);
    expect(readSetting({ layout: "9", order: ["b", "a"], chosen: false }).chosen).toBe(false);
  });

  it("grows with the cameras until somebody chooses a layout", () => {
    expect([0, 1, 4, 5, 9, 10, 16, 40].map(usual)).toEqual(["4", "4", "4", "9", "9", "16", "16", "16"]);
  });
});

describe("arrow keys", () => {
  it("walk a 3 × 3 wall", () => {
    expect(neighbour("9", 4, "ArrowUp")).toBe(1);
    expect(neighbour("9", 4, "ArrowDown")).toBe(7);
    expect(neighbour("9", 4, "ArrowLeft")).toBe(3);
    expect(neighbour("9", 4, "ArrowRight")).toBe(5);
    expect(neighbour("9", 0, "ArrowLeft")).toBe(0);
  });

  it("step out of the large picture of the focus layout and back", () => {
    expect(neighbour("focus", 0, "ArrowRight")).toBe(2);
    expect(neighbour("focus", 0, "ArrowDown")).toBe(5);
    expect(neighbour("focus", 5, "ArrowUp")).toBe(0);
    expect(neighbour("focus", 1, "ArrowLeft")).toBe(0);
  });
});
