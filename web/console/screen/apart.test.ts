import { expect, it } from "vitest";
import { apart } from "./apart";

it("leaves names alone that have room", () => expect(apart([10, 50, 90], 20, 100)).toEqual([10, 50, 90]));
it("moves a name below the one above it, whatever their order", () => {
  expect(apart([10, 12, 14], 20, 100)).toEqual([10, 30, 50]);
  expect(apart([14, 10, 12], 20, 100)).toEqual([50, 10, 30]);
});
it("pushes the others up where the last would stand too low", () =>
  expect(apart([80, 85, 90], 20, 100)).toEqual([60, 80, 100]));
