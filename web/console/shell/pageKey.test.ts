import { describe, expect, it } from "vitest";
import { pageKey } from "./pageKey";

const at = (path: string, record = false, query: Record<string, string> = {}) => ({
  path,
  query,
  meta: { title: "x", record },
});

describe("a page", () => {
  it("stays while its address is followed", () => {
    expect(pageKey(at("/places/a"))).toBe(pageKey(at("/places/b")));
    expect(pageKey(at("/bulletins/a", true, { at: "2017-09-27" }))).toBe(pageKey(at("/bulletins/a", true)));
  });

  it("begins anew for another record, and for a day with what was put right since", () => {
    expect(pageKey(at("/bulletins/a", true))).not.toBe(pageKey(at("/bulletins/b", true)));
    expect(pageKey(at("/city"))).not.toBe(pageKey(at("/city", false, { at: "2017-09-27", known: "now" })));
  });
});
