import { describe, expect, it } from "vitest";
import { dayFrom, dayOn, dayTyped, monthOn, weekday, weeksAround } from "./day";

describe("a day as it is typed", () => {
  it.each([
    ["2017-09-27", "2017-09-27"],
    ["2017-9-7", "2017-09-07"],
    ["2017/09/27", "2017-09-27"],
    [" 2017.9.27 ", "2017-09-27"],
    ["20170927", "2017-09-27"],
    ["2017\u5e749\u670827\u65e5", "2017-09-27"],
    ["2024-02-29", "2024-02-29"],
  ])("%s", (typed, day) => expect(dayFrom(typed)).toBe(day));

  it.each(["", "2017-09-", "2017-02-30", "2023-02-29", "2017-13-01", "27/09/2017", "201709", "tomorrow"])(
    "%s is no day",
    (typed) => expect(dayFrom(typed)).toBe(""),
  );
});

describe("a day while it is typed", () => {
  it("counts when it is whole, key by key", () => {
    const keys = (text: string) => [...text].map((_, i) => dayTyped(text.slice(0, i + 1)));
    const last = (text: string, day: string) => [...Array(text.length - 1).fill(undefined), day];
    expect(keys("2017-09-27")).toEqual(last("2017-09-27", "2017-09-27"));
    expect(keys("2017/10/31")).toEqual(last("2017/10/31", "2017-10-31"));
    expect(keys("20170927")).toEqual(last("20170927", "2017-09-27"));
  });

  it("counts as none when all of it is taken away, and not yet when it is no day", () => {
    expect(dayTyped("")).toBe("");
    expect(dayTyped(" ")).toBe("");
    for (const text of ["2017-9-7", "2017-1-12", "2017-02-30", "2017-09-"]) expect(dayTyped(text)).toBeUndefined();
  });
});

describe("the calendar", () => {
  it("goes on by days, and by months without falling into the next", () => {
    expect(dayOn("2017-12-31", 1)).toBe("2018-01-01");
    expect(dayOn("2024-03-01", -1)).toBe("2024-02-29");
    expect(monthOn("2017-01-31", 1)).toBe("2017-02-28");
    expect(monthOn("2017-12-15", 1)).toBe("2018-01-15");
    expect(monthOn("2018-01-15", -12)).toBe("2017-01-15");
  });

  it("begins its weeks on Monday and shows six of them", () => {
    expect(weekday("2017-09-27")).toBe(2);
    expect(weekday("2017-10-01")).toBe(6);
    const weeks = weeksAround("2017-09-27");
    expect(weeks).toHaveLength(6);
    expect(weeks[0]![0]).toBe("2017-08-28");
    expect(weeks[4]![5]).toBe("2017-09-30");
    expect(new Set(weeks.flat()).size).toBe(42);
  });
});
