import { expect, it } from "vitest";
import { keep, recall } from "./kept";

it("is there again, until it is forgotten", () => {
  const held = new Map<string, string>();
  const storage = {
    getItem: (k: string) => held.get(k) ?? null,
    setItem: (k: string, v: string) => void held.set(k, v),
    removeItem: (k: string) => void held.delete(k),
  };
  keep("a", "1", () => storage);
  expect(recall("a", () => storage)).toBe("1");
  keep("a", null, () => storage);
  expect(recall("a", () => storage)).toBeNull();
});

it("is nothing where a browser keeps nothing, and no page breaks of it", () => {
  const off = () => {
    throw new Error("SecurityError");
  };
  keep("a", "1", off);
  expect(recall("a", off)).toBeNull();
  expect(recall("a")).toBeNull(); // here is no localStorage at all
});
