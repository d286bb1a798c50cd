import { expect, it } from "vitest";
import { copy, differs, merge } from "./merge";

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

it("compares lists by what they hold, and types into its own copy", () => {
  const was = { title: "", added: [{ text: "a" }] };
  const form = copy(was);
  const is = { title: "theirs", added: [{ text: "a" }, { text: "b" }] };
  expect(merge(form, was, is)).toBe(false);
  expect(form).toEqual(is);
  form.added[0]!.text = "mine";
  expect(is.added[0]!.text).toBe("a");
  expect(merge(form, is, { title: "theirs", added: [] })).toBe(true);
  expect(form.added[0]!.text).toBe("mine");
});

it("tells whether something was typed", () => {
  const was = { title: "", added: [{ text: "a" }] };
  expect(differs(copy(was), was)).toBe(false);
  expect(differs({ ...copy(was), title: "x" }, was)).toBe(true);
  expect(differs({ ...was, added: [{ text: "b" }] }, was)).toBe(true);
});
