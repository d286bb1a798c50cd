import { expect, it } from "vitest";
import { backoff } from "./backoff";

it("waits longer each time, up to half a minute", () => {
  const middle = () => 0.5;
  expect([0, 1, 2, 3, 4, 5, 6, 99].map((n) => backoff(n, middle))).toEqual([
    1000, 2000, 5000, 10000, 20000, 30000, 30000, 30000,
  ]);
});

it("spreads sixteen tiles by a fifth either way", () => {
  expect(backoff(3, () => 0)).toBe(8000);
  expect(backoff(3, () => 1)).toBe(12000);
});
