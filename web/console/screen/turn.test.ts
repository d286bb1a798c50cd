import { describe, expect, it } from "vitest";
import { leaf } from "./turn";

const list = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("the leaves of a list on the screen", () => {
  it("is one where all rows have room", () => {
    expect(leaf(list(15), 15, 7)).toEqual({ rows: list(15), at: 0, of: 1 });
    expect(leaf([], 4, 3)).toEqual({ rows: [], at: 0, of: 1 });
  });

  it("shows each row once a round, and begins anew", () => {
    const leaves = [0, 1].map((turn) => leaf(list(16), 15, turn));
    expect(leaves.map((l) => l.rows.length)).toEqual([8, 8]);
    expect(leaves.flatMap((l) => l.rows)).toEqual(list(16));
    expect(leaf(list(16), 15, 2)).toEqual(leaves[0]);
    expect(leaf(list(5), 4, 1).rows).toEqual([4, 5]);
  });
});
