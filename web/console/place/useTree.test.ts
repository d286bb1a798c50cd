import { beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { Problem } from "../api/problem";

const server = vi.hoisted(() => ({ dead: new Set<string>(), asked: [] as string[] }));
vi.mock("../api/events", () => ({ journal: { on: () => () => {} }, RESET: "reset" }));
vi.mock("../words", () => ({ words: { global: { locale: { value: "zh" } } } }));
vi.mock("../api/client", () => ({
  api: { GET: (_: string, q: { params?: { query: { parent: string } } }) => q.params?.query.parent ?? "" },
  ask: async (parent: string) => {
    server.asked.push(parent);
    if (server.dead.has(parent)) throw new Problem(500, "x", `no ${parent}`);
    const tops = ["a", "b"].map((place) => ({ place, name: place, level: "county" }));
    return { places: parent ? [{ place: `${parent}1`, name: `${parent}1`, level: "street" }] : tops };
  },
}));

import { useTree } from "./useTree";

describe("the tree of places", () => {
  beforeEach(() => {
    server.dead.clear();
    server.asked.length = 0;
    vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
  });
  const tree = async () => {
    const it = effectScope().run(() => useTree())!;
    await vi.waitFor(() => expect(it.tops.data.value).toHaveLength(2));
    return it;
  };

  it("opens, asked again, the branch that could not be read", async () => {
    const t = await tree();
    server.dead.add("a");
    await t.show("a");
    expect([t.problem.value?.message, t.open.has("a")]).toEqual(["no a", false]);
    server.dead.clear();
    await t.tops.reload();
    expect([t.problem.value, t.open.has("a")]).toEqual([null, true]);
    expect(t.under.get("a")?.map((p) => p.place)).toEqual(["a1"]);
  });

  it("does not call well what another branch still lacks", async () => {
    const t = await tree();
    server.dead.add("a");
    await t.show("a");
    await t.show("b");
    expect(t.problem.value?.message).toBe("no a");
  });
});
