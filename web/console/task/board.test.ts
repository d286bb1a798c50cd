import { describe, expect, it } from "vitest";
import { step } from "./board";
import { common, type Entry, whole } from "./tasks";

describe("the arrow keys on the board", () => {
  it("walk up and down a column and stop at its ends", () => {
    expect(step([3], [0, 0], "ArrowDown")).toEqual([0, 1]);
    expect(step([3], [0, 2], "ArrowDown")).toEqual([0, 2]);
    expect(step([3], [0, 0], "ArrowUp")).toEqual([0, 0]);
    expect(step([3], [0, 1], "End")).toEqual([0, 2]);
    expect(step([3], [0, 1], "Home")).toEqual([0, 0]);
  });

  it("step over empty columns, to a row that is there", () => {
    expect(step([5, 0, 2], [0, 4], "ArrowRight")).toEqual([2, 1]);
    expect(step([5, 0, 2], [2, 1], "ArrowLeft")).toEqual([0, 1]);
    expect(step([5, 0, 0], [0, 4], "ArrowRight")).toEqual([0, 4]);
    expect(step([5], [0, 4], "Enter")).toEqual([0, 4]);
  });
});

describe("what is offered to do with tasks", () => {
  const one = (level: string) => ({ level, next: ["strike-off", "return", "report", "withdraw"] }) as Entry;
  const may = () => true;
  it("is no check of a county's task for a county office, which checks below itself", () => {
    expect(common([one("county")], { may, overCounties: false })).toEqual(["report"]);
    expect(common([one("compound"), one("county")], { may, overCounties: false })).toEqual(["report"]);
    expect(common([one("compound")], { may, overCounties: false })).toContain("strike-off");
    expect(common([one("county")], { may, overCounties: true })).toContain("strike-off");
    expect(common([one("unit")], { may, overCounties: false })).toEqual(["report"]);
  });
  it("is no withdrawal, by a county office, of what the city's office has raised; it checks that all the same", () => {
    const city = { ...one("compound"), by_city: true } as Entry;
    expect(common([one("compound")], { may, overCounties: false })).toContain("withdraw");
    expect(common([city], { may, overCounties: false })).toEqual(["report", "strike-off", "return"]);
    expect(common([one("compound"), city], { may, overCounties: false })).not.toContain("withdraw");
    expect(common([city], { may, overCounties: true })).toContain("withdraw");
  });
});

describe("whom a task is for", () => {
  const of = (level: string, more: Partial<Entry> = {}) =>
    ({ level, name: "N", county_name: "兰山区", street: "银雀山街道", ...more }) as Entry;
  it("is said with what is above it, down to the street", () => {
    expect(whole(of("compound"))).toBe("兰山区 银雀山街道 N");
    expect(whole(of("community"))).toBe("兰山区 银雀山街道 N");
    expect(whole(of("street"))).toBe("兰山区 N");
    expect(whole(of("county", { name: "兰山区" }))).toBe("兰山区");
    expect(whole(of("unit", { county_name: "", street: "" }))).toBe("N");
  });
});
