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
    expect(coverOf(spans, span)).toEqual({ stream: "main", has: 4 * 60_000 });
    expect(whole(coverOf(spans, span), span)).toBe(false);
    expect(whole(coverOf([{ from: at(0), to: at(40), stream: "main" }], span), span)).toBe(true);
  });

  it("takes the sub stream where the main stream has nothing, and says where there is nothing at all", () => {
    expect(coverOf([{ from: at(12), to: at(15), stream: "sub" }], span)).toEqual({ stream: "sub", has: 3 * 60_000 });
    expect(coverOf([{ from: at(0), to: at(10), stream: "main" }], span)).toEqual({ stream: null, has: 0 });
    expect(coverOf([], span).stream).toBeNull();
  });
});
