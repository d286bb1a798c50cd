import { expect, it } from "vitest";
import { merge } from "./merge";

it("keeps what is being typed, and takes over the rest", () => {
  const was = { name: "A", start: "2017-04-10", span: 30 };
  const form = { ...was, name: "A, typed" };
  expect(merge(form, was, { name: "A", start: "2017-04-12", span: 14 })).toBe(false);
  expect(form).toEqual({ name: "A, typed", start: "2017-04-12", span: 14 });
});

it("tells of a field that both changed, unless to the same", () => {
  const was = { name: "A" };
  const form = { name: "mine" };
  expect(merge(form, was, { name: "theirs" })).toBe(true);
  expect(form.name).toBe("mine");
  expect(merge({ name: "same" }, was, { name: "same" })).toBe(false);
});
