import { describe, expect, it } from "vitest";
import { columnsFor } from "./stage";

describe("the stage", () => {
  it("makes pictures as large as the room allows", () => {
    expect(columnsFor(1, 1440, 600)).toBe(1);
    expect(columnsFor(2, 1440, 600)).toBe(2);
    expect(columnsFor(4, 1440, 700)).toBe(2);
    expect(columnsFor(8, 1440, 560)).toBe(4);
    expect(columnsFor(8, 900, 900)).toBe(2);
    expect(columnsFor(3, 390, 700)).toBe(1);
    expect(columnsFor(0, 1440, 600)).toBe(1);
  });
});
