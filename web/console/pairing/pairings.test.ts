import { describe, expect, it } from "vitest";
import { type Entry, life, undisclosed } from "./pairings";

let n = 0;
const say = (kind: Entry["kind"], fen: number, from: string, more: Partial<Entry> = {}): Entry => ({
  id: `e${++n}`,
  pairing: "p",
  compound: "c",
  kind,
  fen,
  from,
  known: `${from}T10:00:00+08:00`,
  by: "li",
  ...more,
});

describe("the life of money", () => {
  it("steps up with each day that moved something", () => {
    const money = [
      say("spend", 60, "2017-09-12"),
      say("pledge", 100, "2017-09-01"),
      say("receipt", 80, "2017-09-10"),
      say("receipt", 20, "2017-09-10"),
    ];
    const day = Date.parse("2017-09-01T00:00:00Z") / 86_400_000;
    expect(life(money, "2017-09-01", "2017-09-20")).toEqual([
      { day, received: 0, spent: 0 },
      { day: day + 9, received: 100, spent: 0 },
      { day: day + 11, received: 100, spent: 60 },
      { day: day + 19, received: 100, spent: 60 },
    ]);
  });

  it("has nothing to disclose that is public or was taken back", () => {
    const a = say("spend", 10, "2017-09-10");
    const b = say("spend", 20, "2017-09-10");
    const c = say("spend", 30, "2017-09-10");
    const back = say("spend", -20, "2017-09-11", { reverses: b.id });
    const told = say("disclosure", 10, "2017-09-12", { of: a.id });
    expect(undisclosed([a, b, c, back, told]).map((e) => e.id)).toEqual([c.id]);
    const untold = say("disclosure", -10, "2017-09-13", { of: a.id, reverses: told.id });
    expect(undisclosed([a, b, c, back, told, untold]).map((e) => e.id)).toEqual([a.id, c.id]);
  });
});
