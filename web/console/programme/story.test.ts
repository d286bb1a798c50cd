import { describe, expect, it } from "vitest";
import { onwardDays } from "./story";

describe("the days that a demo can be moved on to", () => {
  it("are a week on, the days after the deadlines, and the last", () => {
    expect(
      onwardDays("2017-09-27", "2018-06-30", ["2017-11-30", "2017-10-31", "2018-06-30", "2017-05-01", "2017-11-30"]),
    ).toEqual(["2017-10-04", "2017-11-01", "2017-12-01", "2018-06-30"]);
  });

  it("are none where nothing is written", () => {
    expect(onwardDays("2017-09-27", "", ["2017-11-30"])).toEqual([]);
    expect(onwardDays("2018-06-30", "2018-06-30", ["2017-11-30"])).toEqual([]);
  });
});
