import { describe, expect, it } from "vitest";
import { spark } from "./spark";

describe("a small line", () => {
  it("goes from nothing at the bottom to the largest value at the top", () => {
    expect(spark([0, 5, 10], 100, 20, 2).line).toBe("M0 18L50 10L100 2");
    expect(spark([0, 5, 10], 100, 20, 2).area).toBe("M0 18L50 10L100 2L100 20L0 20Z");
  });

  it("is level for a single value, and nothing for none", () => {
    expect(spark([7], 100, 20, 2).line).toBe("M0 2L100 2");
    expect(spark([], 100, 20, 2)).toEqual({ line: "", area: "" });
    expect(spark([0, 0], 100, 20, 2).line).toBe("M0 18L100 18");
  });
});
