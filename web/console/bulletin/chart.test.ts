import { describe, expect, it } from "vitest";
import { draw, nice, value } from "./chart";

const right = [false, true, true];

describe("a chart of a bulletin", () => {
  it("reads cells as the tables write them", () => {
    expect(["1,524", "64.4%", "+12", "—", "374.5", undefined].map(value)).toEqual([1524, 64.4, 12, 0, 374.5, 0]);
  });

  it("has round steps", () => {
    expect([0.2, 3, 18, 400, 473].map(nice)).toEqual([1, 5, 20, 500, 500]);
  });

  it("draws a bar for each number, as long as its share of a hundred, with the number as it is written", () => {
    const grid = {
      name: "t",
      head: ["县区", "建成率", "联网率"],
      right,
      rows: [
        ["兰山区", "80.0%", "50.0%"],
        ["费县", "40.0%", "0.0%"],
      ],
    };
    const d = draw(grid, { name: "c", alt: "", of: "progress", label: 0, columns: [1, 2] });
    expect(d.names).toEqual(["建成率", "联网率"]);
    expect(d.bars.map((b) => b.text)).toEqual(["80.0%", "50.0%", "40.0%", "0.0%"]);
    const whole = d.bars[0]!.wide / 0.8;
    expect(d.bars.map((b) => Math.round((b.wide / whole) * 100))).toEqual([80, 50, 40, 0]);
    expect(d.labels.map((l) => l.text)).toEqual(["兰山区", "费县"]);
  });

  it("draws a line for each column, ends it with its last number, and keeps those apart", () => {
    const grid = {
      name: "t",
      head: ["日期", "参加", "建成"],
      right,
      rows: [
        ["2017-04-12", "0", "0"],
        ["2017-09-27", "2,366", "2,360"],
      ],
    };
    const d = draw(grid, { name: "c", alt: "", of: "trend", lines: true, label: 0, columns: [1, 2] });
    expect(d.lines.map((l) => l.text)).toEqual(["2,366", "2,360"]);
    expect(d.lines[1]!.y - d.lines[0]!.y).toBeGreaterThanOrEqual(12);
    expect(d.lines[0]!.points.split(" ")).toHaveLength(2);
    expect(d.grid.at(-1)!.text).toBe("2500");
    expect(d.labels[0]!.text).toBe("2017-09-27");
  });
});
