import { describe, expect, it } from "vitest";
import { promised } from "./promise";

const stream = (camera: string, which: string, days: number, fit: number, bit_rate = 1e6) => ({
  camera,
  stream: which,
  days,
  fit,
  bit_rate,
});

describe("what was promised", () => {
  it("shows first what cannot be kept, and nothing of cameras that are gone", () => {
    const rows = promised(
      [stream("a", "main", 7, 7), stream("b", "sub", 30, 12), stream("gone", "main", 7, 1), stream("b", "main", 7, 7)],
      (id) => ({ a: "A", b: "B" })[id],
    );
    expect(rows.map((r) => `${r.name} ${r.stream} ${r.short}`)).toEqual(["B sub true", "A main false", "B main false"]);
  });

  it("does not call short what was not measured yet", () => {
    expect(promised([stream("a", "main", 7, 0, 0)], () => "A")[0]!.short).toBe(false);
  });
});
