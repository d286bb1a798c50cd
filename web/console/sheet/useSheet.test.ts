import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { Problem } from "../api/problem";

type Said = { state: string; read: number } | Problem;
const server = vi.hoisted(() => ({ answers: [] as unknown[], reads: 0 }));
vi.mock("../api/client", () => ({
  api: { GET: () => server.answers[Math.min(server.reads++, server.answers.length - 1)], POST: () => ({}) },
  ask: async (said: Said) => {
    if (said instanceof Problem) throw said;
    return { id: "d", ...said };
  },
  fetchOk: async () => ({ json: async () => ({ id: "d", state: "checking", read: 0 }) }),
}));

import { useSheet } from "./useSheet";

const checking = { state: "checking", read: 9 };
const away = new Problem(0, "unreachable", "");

async function sent(...answers: Said[]) {
  server.answers = answers;
  server.reads = 0;
  const sheet = effectScope().run(() => useSheet())!;
  await sheet.upload.run(new File(["x"], "a.csv"));
  return sheet;
}

describe("a list that is being checked", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
    vi.spyOn(Math, "random").mockReturnValue(0.5); // the waits are 1 s, then 2 s
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("is followed until it is checked", async () => {
    const sheet = await sent(checking, { state: "checked", read: 20 });
    await vi.advanceTimersByTimeAsync(5000);
    expect([sheet.draft.value?.state, server.reads]).toEqual(["checked", 2]);
  });

  it("is asked for again when an answer does not come, later each time", async () => {
    const sheet = await sent(away, away, checking, { state: "checked", read: 20 });
    await vi.advanceTimersByTimeAsync(450);
    expect([server.reads, sheet.problem.value?.unreachable]).toEqual([1, true]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.reads).toBe(2);
    await vi.advanceTimersByTimeAsync(1900);
    expect(server.reads).toBe(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect([sheet.draft.value?.state, sheet.problem.value]).toEqual(["checked", null]);
  });

  it("is asked for at once when somebody says so", async () => {
    const sheet = await sent(away, { state: "checked", read: 20 });
    await vi.advanceTimersByTimeAsync(450);
    await sheet.poll();
    expect([sheet.draft.value?.state, sheet.problem.value]).toEqual(["checked", null]);
  });

  it("is let go of when the server has none of that name", async () => {
    const sheet = await sent(new Problem(404, "sheet.none", "none"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sheet.draft.value, server.reads, sheet.problem.value?.status]).toEqual([null, 1, 404]);
  });
});
