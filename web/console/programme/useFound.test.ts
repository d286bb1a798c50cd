import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";

const server = vi.hoisted(() => ({ asked: [] as Record<string, unknown>[] }));
vi.mock("../api/client", () => ({
  api: { GET: (_: string, q: { params: { query: Record<string, unknown> } }) => q.params.query },
  ask: async (query: Record<string, unknown>) => {
    server.asked.push(query);
    if (query.search === "x") return { compounds: [{ compound: "a" }], total: 2366 }; // it names a part of them
    return query.search === "jyhy" ? { compounds: [{ compound: "a" }], total: 1 } : { compounds: [], total: 0 };
  },
}));

import { useFound } from "./useFound";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
  server.asked.length = 0;
});
afterEach(() => vi.useRealTimers());

it("finds by characters at once, and by initials as soon as the server has read them", async () => {
  const typed = ref("");
  const { has: found, many } = effectScope().run(() => useFound(typed, () => ({ county: "lanshan" })))!;
  expect(found("a", "金阳花园")).toBe(true);
  typed.value = " 花园 ";
  await nextTick();
  expect([found("a", "金阳花园"), found("b", "三孔桥小区", "兰山街道")]).toEqual([true, false]);
  typed.value = "jy";
  await nextTick();
  typed.value = "jyhy";
  await nextTick();
  expect(found("a", "金阳花园")).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect([found("a", "金阳花园"), found("b", "三孔桥小区")]).toEqual([true, false]);
  expect(server.asked).toEqual([{ county: "lanshan", search: "jyhy", limit: 500 }]);
  typed.value = "jyhyx"; // what was found for something else is not shown for it
  await nextTick();
  expect(found("a", "金阳花园")).toBe(false);
  expect(many.value).toBe(0);
  typed.value = "x"; // of the many that it fits some are not named: the list may lack them, and that is said
  await nextTick();
  await vi.advanceTimersByTimeAsync(200);
  expect([found("a", "金阳小区"), found("b", "银雀小区"), many.value]).toEqual([true, false, 2366]);
  typed.value = "小区"; // what is found by its characters is found here, all of it
  await nextTick();
  expect([found("b", "银雀小区"), many.value]).toEqual([true, 0]);
});
