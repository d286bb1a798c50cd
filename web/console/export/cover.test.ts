import { describe, expect, it } from "vitest";
import { coverOf, whole } from "./cover";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 10, minute)).toISOString();
const span = { from: Date.parse(at(10)), to: Date.parse(at(20)) };

describe("what an export would find", () => {
  it("counts what lies inside the span, of the main stream first", () => {
    const spans = [
      { from: at(0), to: at(12), stream: "main" },
      { from: at(12), to: at(15), stream: "sub" },
      { from: at(18), to: at(30), stream: "main" },
    ];
    expect(coverOf(spans, span)).toEqual({
      stream: "main",
      has: 4 * 60_000,
      beside: [{ from: Date.parse(at(12)), to: Date.parse(at(15)) }],
      unconfirmed: false,
      unconfirmedBeside: false,
    });
    expect(whole(coverOf(spans, span), span)).toBe(false);
    expect(whole(coverOf([{ from: at(0), to: at(40), stream: "main" }], span), span)).toBe(true);
  });

  it("takes the sub stream where the main stream has nothing, and says where there is nothing at all", () => {
    expect(coverOf([{ from: at(12), to: at(15), stream: "sub" }], span)).toEqual({
      stream: "sub",
      has: 3 * 60_000,
      beside: [],
      unconfirmed: false,
      unconfirmedBeside: false,
    });
    expect(coverOf([{ from: at(0), to: at(10), stream: "main" }], span)).toMatchObject({
      stream: null,
      has: 0,
      beside: [],
    });
    expect(coverOf([], span).stream).toBeNull();
  });

  it("knows whether somebody has confirmed the time of what lies inside the span", () => {
    const main = { from: at(0), to: at(12), stream: "main" };
    expect(coverOf([{ ...main, unconfirmed: true }], span).unconfirmed).toBe(true);
    expect(
      coverOf(
        [
          { ...main, to: at(10), unconfirmed: true },
          { ...main, from: at(10) },
        ],
        span,
      ).unconfirmed,
    ).toBe(false);
    const sub = { from: at(12), to: at(20), stream: "sub", unconfirmed: true };
    expect(coverOf([sub], span)).toMatchObject({ stream: "sub", unconfirmed: true });
  });

  it("keeps the doubt of what lies beside apart: who leaves the sub stream out saves none of it", () => {
    const main = { from: at(0), to: at(12), stream: "main" };
    const sub = { from: at(12), to: at(20), stream: "sub", unconfirmed: true };
    expect(coverOf([main, sub], span)).toMatchObject({ unconfirmed: false, unconfirmedBeside: true });
    expect(
      coverOf(
        [
          { ...main, unconfirmed: true },
          { ...sub, unconfirmed: false },
        ],
        span,
      ),
    ).toMatchObject({
      unconfirmed: true,
      unconfirmedBeside: false,
    });
    // Five seconds of it are no file of their own.
    const short = { ...sub, to: new Date(Date.parse(at(12)) + 5000).toISOString() };
    expect(coverOf([main, short], span)).toMatchObject({ beside: [], unconfirmedBeside: false });
  });

  it("offers what the sub stream still has where the main stream was deleted, whole or in pieces", () => {
    // Deleted up to the 14th minute: the sub stream has the rest of the span.
    const half = coverOf(
      [
        { from: at(0), to: at(14), stream: "sub" },
        { from: at(14), to: at(30), stream: "main" },
      ],
      span,
    );
    expect(half.beside).toEqual([{ from: span.from, to: Date.parse(at(14)) }]);
    expect(whole(half, span)).toBe(true);
    // The sub stream came back five seconds before the main stream: no file of its own.
    const soon = new Date(Date.parse(at(14)) - 5000).toISOString();
    const back = coverOf(
      [
        { from: at(0), to: at(12), stream: "main" },
        { from: soon, to: at(14), stream: "sub" },
        { from: at(14), to: at(30), stream: "main" },
      ],
      span,
    );
    expect(back.beside).toEqual([]);
    // A main stream full of holes: one span over all of them, so that none is left out.
    const second = (s: number) => new Date(span.from + s * 1000).toISOString();
    const holes = Array.from({ length: 20 }, (_, i) => [
      { from: second(i * 30), to: second(i * 30 + 20), stream: "main" },
      { from: second(i * 30 + 20), to: second(i * 30 + 30), stream: "sub" },
    ]).flat();
    expect(coverOf(holes, span).beside).toEqual([{ from: Date.parse(second(20)), to: span.to }]);
  });
});
