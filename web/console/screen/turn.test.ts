import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { leaf, PATIENCE, TURN, useTurn } from "./turn";

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

describe("leaves that turn by themselves", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const turning = (held: () => unknown) => {
    const scope = effectScope();
    const ranked = scope.run(() =>
      useTurn(
        () => list(40),
        16,
        () => held(),
      ),
    )!;
    return { scope, ranked, turns: (n: number) => vi.advanceTimersByTime(n * TURN) };
  };

  it("wait for who goes about on one, and go on after who only stopped there", () => {
    let row: object | null = {};
    const { ranked, turns, scope } = turning(() => row);
    for (let moves = 0; moves < 2 * PATIENCE; moves++) {
      row = {};
      turns(1);
    }
    expect(ranked.value.at).toBe(0);
    turns(PATIENCE - 1);
    expect(ranked.value.at).toBe(0);
    turns(1);
    expect(ranked.value.at).toBe(1);
    row = null; // its leaf is gone
    turns(1);
    expect(ranked.value.at).toBe(2);
    scope.stop();
    turns(5);
    expect(ranked.value.at).toBe(2);
  });
});
