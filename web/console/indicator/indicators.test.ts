import { describe, expect, it } from "vitest";
import { askedOn, type Indicator, inFigures, shortNumber, stoodThen, trendDays } from "./indicators";

describe("indicators", () => {
  it("have a trend in steps of a week that begins with the programme", () => {
    expect(trendDays("2017-09-27", "2017-09-10")).toEqual(["2017-09-13", "2017-09-20", "2017-09-27"]);
    expect(trendDays("2018-03-01", "2017-04-12", 2)).toEqual(["2018-02-22", "2018-03-01"]);
    expect(trendDays("2017-04-01", "2017-04-12")).toEqual([]);
  });

  it("that have ended are shown on the days on which they stood, and no longer", () => {
    const ended = { id: "old", ended: true } as Indicator;
    const stands = { id: "new", ended: false } as Indicator;
    const ids = (list: Indicator[]) => list.map((x) => x.id);
    expect(ids(askedOn([ended, stands], false))).toEqual(["new"]);
    expect(ids(askedOn([ended, stands], true))).toEqual(["old", "new"]);
    const then = (id: string) => (id === "old" ? ({ ...ended, ended: false } as Indicator) : undefined);
    expect(ids(stoodThen([ended, stands], then))).toEqual(["old", "new"]);
    expect(ids(stoodThen([ended, stands], () => undefined))).toEqual(["new"]);
  });

  it("are numbers with few decimals, or none", () => {
    expect(shortNumber(64.41251)).toBe("64.41");
    expect(shortNumber(930)).toBe("930");
    expect(shortNumber(undefined)).toBe("–");
  });

  it("are read as formulas in words; a name without one stays", () => {
    const called = (name: string) => ({ built: "Built", built_by_return: "By return" })[name] ?? name;
    expect(inFigures("(built - built_by_return)/compounds*100", called)).toBe("(Built - By return) ÷ compounds × 100");
  });
});
