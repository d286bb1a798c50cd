import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import { byTitle } from "./grouped";
import type { Item } from "./inbox";
import { signAll } from "./sign";

const task = (id: string, title = "尽快安装", ask = "装好"): Item => ({
  kind: "task-sign",
  id,
  title,
  name: id,
  task: { version: 1, level: "compound", ask },
});
const four = ["a", "b", "c", "d"].map((id) => task(id));

/** A server that knows which tasks it refuses, and takes all or none. */
function server(refuses: Record<string, number>) {
  const calls: string[][] = [];
  const step = async (items: readonly Item[]) => {
    calls.push(items.map((i) => i.id));
    const bad = items.find((i) => refuses[i.id] !== undefined);
    if (bad) throw new Problem(refuses[bad.id]!, "refused", `no to ${bad.id}`);
    return { tasks: [] };
  };
  return { calls, step: step as unknown as Parameters<typeof signAll>[2] };
}

describe("signing for many", () => {
  it("is one step where nothing is refused", async () => {
    const s = server({});
    expect(await signAll(four, "", s.step)).toEqual({ signed: four, refused: [] });
    expect(s.calls).toEqual([["a", "b", "c", "d"]]);
  });
  it("names each that is refused, and signs for the others", async () => {
    const s = server({ b: 403, d: 412 });
    const got = await signAll(four, "", s.step);
    expect(got.signed.map((i) => i.id)).toEqual(["a", "c"]);
    expect(got.refused.map((r) => [r.item.id, r.problem.message])).toEqual([
      ["b", "no to b"],
      ["d", "no to d"],
    ]);
    expect(s.calls).toEqual([["a", "b", "c", "d"], ["a"], ["b"], ["c"], ["d"]]);
  });
  it("asks once about a single one", async () => {
    const s = server({ a: 409 });
    expect((await signAll([four[0]!], "", s.step)).refused).toHaveLength(1);
    expect(s.calls).toHaveLength(1);
  });
  it("does not try one by one what is wrong with all of them, or while nobody answers", async () => {
    for (const status of [0, 401, 422, 503]) {
      const s = server({ a: status });
      await expect(signAll(four, "", s.step)).rejects.toBeInstanceOf(Problem);
      expect(s.calls).toHaveLength(1);
    }
  });
});

describe("tasks of one title", () => {
  it("stand under it once, in the order of the most pressing", () => {
    const got = byTitle([task("a", "x"), task("b", "y"), task("c", "x"), task("d", "x", "else")]);
    expect(got.map((g) => [g.title, g.ask, g.items.map((i) => i.id).join("")])).toEqual([
      ["x", "", "acd"],
      ["y", "装好", "b"],
    ]);
  });
});
