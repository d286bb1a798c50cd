import { describe, expect, it } from "vitest";
import { towards } from "./focus";

const box = (x: number, y: number) => ({ x, y, w: 10, h: 10 });
const all = [box(0, 0), box(20, 0), box(40, 0), box(20, 20), box(100, 24)];

describe("an arrow on a remote control", () => {
  it("leads to the nearest that way", () => {
    expect(towards(all[0]!, all, "ArrowRight")).toBe(1);
    expect(towards(all[2]!, all, "ArrowLeft")).toBe(1);
    expect(towards(all[1]!, all, "ArrowDown")).toBe(3);
    expect(towards(all[3]!, [all[0]!, all[4]!], "ArrowRight")).toBe(1);
  });

  it("leads nowhere at the edge, nor for another key", () => {
    expect(towards(all[0]!, all, "ArrowUp")).toBe(-1);
    expect(towards(all[0]!, all, "Enter")).toBe(-1);
  });
});
