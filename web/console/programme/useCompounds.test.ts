import { beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";

const server = vi.hoisted(() => ({ asked: [] as { limit: number; after?: string; search?: string }[] }));
vi.mock("../api/events", () => ({ journal: { on: () => () => {} }, RESET: "reset" }));
vi.mock("../words", () => ({ words: { global: { locale: { value: "zh" } } } }));
vi.mock("../api/client", () => ({
  api: { GET: (_: string, q: { params: { query: { limit: number; after?: string } } }) => q.params.query },
  ask: async (query: { limit: number; after?: string }) => {
    server.asked.push(query);
    const from = Number(query.after ?? 0);
    const compounds = Array.from({ length: query.limit }, (_, i) => ({ compound: String(from + i) }));
    return { compounds, total: 1000, next: String(from + query.limit) };
  },
}));

import { useCompounds, type Wanted } from "./useCompounds";

describe("a list of compounds", () => {
  beforeEach(() => {
    server.asked.length = 0;
    vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
  });

  async function three() {
    const wanted = ref<Wanted>({ county: "a" });
    const rights = ref<string[] | null>(["programme.write"]);
    const may = () => (rights.value ?? []).includes("programme.write");
    const it = effectScope().run(() => useCompounds(wanted, may))!;
    await vi.waitFor(() => expect(it.list.value).toHaveLength(60));
    await it.more();
    await it.more();
    expect(it.list.value).toHaveLength(180);
    server.asked.length = 0;
    return { wanted, rights, ...it };
  }

  it("stays as long as it is, and is not read, when the caller's rights were only read again", async () => {
    const { rights, wanted, list } = await three();
    rights.value = ["programme.write"];
    wanted.value = { county: "a" };
    await nextTick();
    expect([server.asked, list.value.length]).toEqual([[], 180]);
  });

  it("begins anew where something else is wanted, and comes back as long as it was with the rights", async () => {
    const { rights, wanted, list } = await three();
    wanted.value = { county: "b" };
    await vi.waitFor(() => expect(list.value).toHaveLength(60));
    rights.value = null;
    await nextTick();
    expect(list.value).toEqual([]);
    rights.value = ["programme.write"];
    await vi.waitFor(() => expect(list.value).toHaveLength(60));
    expect(server.asked.map((q) => q.limit)).toEqual([60, 60]);
  });
});
