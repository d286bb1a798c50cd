import { expect, it } from "vitest";
import { copy, differs, follow, merge } from "./merge";

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

it("goes on telling of it when what is read next brings nothing new, until it is saved", () => {
  let was = { signer: "A", prefix: "p" };
  const form = { ...was, signer: "mine" };
  let under = false;
  const read = (is: typeof was) => {
    under = follow(form, was, is, under);
    was = is;
    return under;
  };
  expect(read({ signer: "theirs", prefix: "p" })).toBe(true);
  expect(read({ signer: "theirs", prefix: "p" })).toBe(true); // a file was uploaded
  expect(read({ signer: "theirs", prefix: "q" })).toBe(true); // they saved once more, another field
  expect(form).toEqual({ signer: "mine", prefix: "q" });
  expect(read({ signer: "mine", prefix: "q" })).toBe(false);
});

it("tells no longer of what was typed back to what they said", () => {
  const was = { signer: "theirs" };
  expect(follow({ signer: "theirs" }, was, { signer: "theirs" }, true)).toBe(false);
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
