import { describe, expect, it } from "vitest";
import { fenOf, yuan } from "./yuan";

describe("money typed in yuan", () => {
  it("is exact to the fen", () => {
    const wide = String.fromCharCode(0xff11, 0xff12, 0xff0e, 0xff15); // full-width 12.5
    for (const [text, fen] of [
      ["0.01", 1],
      ["1234.56", 123456],
      ["1,234.5", 123450],
      ["¥ 8", 800],
      ["0.29", 29], // 0.29 * 100 is 28.999999999999996
      ["4503599627.37", 450359962737],
      [wide, 1250],
    ] as const)
      expect([text, fenOf(text)]).toEqual([text, fen]);
  });

  it("is refused where it is no amount", () => {
    for (const text of ["", "-1", "1.234", "1.", "abc", "1e3", "12345678901", "1.2.3"])
      expect([text, fenOf(text)]).toEqual([text, null]);
  });

  it("is written with its fen, and read again", () => {
    expect(yuan(123456)).toBe("1,234.56");
    expect(yuan(5)).toBe("0.05");
    expect(yuan(-374_500_000)).toBe("−3,745,000.00");
    for (const fen of [1, 99, 100, 374_500_000, 999_999_999_999]) expect(fenOf(yuan(fen))).toBe(fen);
  });
});
