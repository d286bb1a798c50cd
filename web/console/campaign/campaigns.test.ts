import { describe, expect, it } from "vitest";
import { linesOf, textOf } from "./campaigns";

describe("the lines of an activity", () => {
  it("are read as they are typed, and written back", () => {
    const typed = "宣传页 | 金阳花园东门 | 300\n海报 | 社区公告栏\n\n 横幅 ||2";
    const lines = linesOf("handed", typed);
    expect(lines).toEqual([
      { part: "handed", text: "宣传页", where: "金阳花园东门", number: 300 },
      { part: "handed", text: "海报", where: "社区公告栏" },
      { part: "handed", text: "横幅", number: 2 },
    ]);
    expect(linesOf("handed", textOf("handed", lines))).toEqual(lines);
    expect(textOf("stop", lines)).toBe("");
  });

  it("keep a wrong number out", () => {
    expect(linesOf("handed", "宣传页 | 东门 | 三百")).toEqual([{ part: "handed", text: "宣传页", where: "东门" }]);
  });
});
