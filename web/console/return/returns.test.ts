import { describe, expect, it } from "vitest";
import { claimsOf, dayOf, machine, type Row, share, tick } from "./returns";

const row = (compound: string, built: Row["built"], networked: Row["networked"]): Row => ({
  compound,
  name: compound,
  street: "",
  class: "other",
  built,
  networked,
  light: "green",
});

describe("a return", () => {
  it("says what was ticked: done, or no longer; never what the system has seen", () => {
    const rows = [
      row("a", { done: false }, { done: false }),
      row("b", { done: true, basis: "return" }, { done: true, basis: "evidence" }),
    ];
    const ticks = {
      [tick(rows[0]!, "built")]: "2017-09-20",
      [tick(rows[0]!, "networked")]: "",
      [tick(rows[1]!, "built")]: "2017-09-21",
      [tick(rows[1]!, "networked")]: "2017-09-21",
    };
    expect(claimsOf(rows, ticks)).toEqual([
      { compound: "a", what: "built", from: "2017-09-20", holds: true },
      { compound: "b", what: "built", from: "2017-09-21", holds: false },
    ]);
  });

  it("does not speak for a compound whose own machine has been seen", () => {
    const a = { ...row("a", { done: false }, { done: false }), machine_since: "2017-09-04" };
    expect(["2017-09-03", "2017-09-04", "2017-10-01"].map((day) => machine(a, day))).toEqual([false, true, true]);
    expect(machine(row("b", { done: false }, { done: false }), "2017-10-01")).toBe(false);
  });

  it("has a day within its month, and not one to come", () => {
    expect(dayOf("2017-09-01", "2017-09-27")).toBe("2017-09-27");
    expect(dayOf("2017-08-01", "2017-09-27")).toBe("2017-08-31");
    expect(dayOf("2018-02-01", "2018-03-05")).toBe("2018-02-28");
  });

  it("writes shares", () => {
    expect([share(-1), share(1000), share(667)]).toEqual(["–", "100%", "66.7%"]);
  });
});
