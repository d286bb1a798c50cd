import { describe, expect, it } from "vitest";
import { bandOf, type Forecast, lastDay } from "./forecast";

const forecast = (more: Partial<Forecast>): Forecast => ({
  what: "networked",
  date: "2017-09-27",
  total: 2366,
  done: 930,
  pace: [100, 120, 90, 300],
  no_end: false,
  early: "2017-10-07",
  middle: "2017-10-17",
  late: "2017-11-06",
  certain: false,
  ...more,
});

describe("a forecast's band", () => {
  it("lies between the early and the late day of a common track", () => {
    const slow = forecast({ what: "built", late: "2018-01-05" });
    const end = lastDay([forecast({}), slow]);
    expect(end).toBe("2018-01-05");
    expect(bandOf(forecast({}), end)).toEqual({ from: 10, width: 30, middle: 20 });
  });
  it("runs to the end where one future in ten sees none", () => {
    expect(bandOf(forecast({ late: undefined }), "2018-01-05")!.width).toBe(90);
  });
  it("is not there where no end is in sight, or all is done", () => {
    const blind = forecast({ no_end: true, early: undefined, middle: undefined, late: undefined });
    expect(bandOf(blind, lastDay([blind]))).toBeUndefined();
    expect(bandOf(forecast({ done: 2366 }), "2018-01-05")).toBeUndefined();
  });
});
