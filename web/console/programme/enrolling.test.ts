import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import { named, type Picked, pickEach, unseen } from "./enrolling";

const rows = [
  { compound: "a", name: "A", plan: 0 },
  { compound: "b", name: "B", plan: 8 },
  { compound: "c", name: "C", plan: 0 },
];

describe("compounds that are to take part", () => {
  it("are picked all at once, and what was typed for one of them stays", () => {
    const picked = new Map<string, Picked>([["a", { name: "A", plan: 12, seen: 0 }]]);
    pickEach(picked, rows, undefined);
    expect([...picked].map(([id, p]) => [id, p.plan])).toEqual([
      ["a", 12],
      ["b", 8],
      ["c", undefined],
    ]);
    pickEach(picked, [{ compound: "d", name: "D", plan: 0, said_version: 17 }], 6);
    expect(picked.get("d")).toEqual({ name: "D", plan: 6, seen: 17 });
  });

  it("are told of when another search hides them", () => {
    const picked = new Map<string, Picked>();
    pickEach(picked, rows, undefined);
    expect(unseen(picked, rows)).toBe(0);
    expect(unseen(picked, rows.slice(1, 2))).toBe(2);
  });

  it("are named where a refusal counts rows", () => {
    const no = new Problem(422, "programme.invalid", "", [
      { path: "rows[1].compound", code: "place.no-compound", detail: "not there on that day" },
      { path: "from", code: "required", detail: "is missing" },
    ]);
    expect(named(no, ["A", "B"])).toEqual([
      { name: "B", says: "not there on that day" },
      { name: "", says: "is missing" },
    ]);
  });
});
