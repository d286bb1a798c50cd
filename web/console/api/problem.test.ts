import { expect, it } from "vitest";
import { Problem, saidBy } from "./problem";

it("is asked about again, unless it is refused for good: what is over is asked for anew", () => {
  const again = [0, 401, 403, 404, 409, 410, 429, 503].filter((status) => !new Problem(status, "", "").forGood);
  expect(again).toEqual([0, 401, 409, 410, 429, 503]);
});

it("speaks to the reader only in the server's words", () => {
  expect(saidBy(new Problem(0, "unreachable", "Failed to fetch"))).toBe("");
  expect(saidBy(new TypeError("x is not a function"))).toBe("");
  expect(saidBy(new Problem(403, "no", "不可查看"))).toBe("不可查看");
});
