import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { anew, stands } from "./anew";

const kept = new Map<string, string>();
let up = false;
let reloads = 0;

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
  up = false;
  reloads = 0;
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal("location", { reload: () => void reloads++ });
  vi.stubGlobal("fetch", async () => {
    if (!up) throw new TypeError("Failed to fetch");
    return { ok: true };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("waits for the server, and begins anew once", async () => {
  void anew();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(reloads).toBe(0);
  up = true;
  await vi.advanceTimersByTimeAsync(3000);
  expect(reloads).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reloads).toBe(1);
});

it("goes easy on a server whose page never stands, and forgets it once it does", async () => {
  up = true;
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = Date.now();
    void anew();
    while (reloads === i) await vi.advanceTimersByTimeAsync(1000);
    waits.push((Date.now() - before) / 1000);
  }
  expect(waits).toEqual([3, 6, 12, 24, 48, 96, 192, 300, 300]);
  stands();
  const before = Date.now();
  void anew();
  while (reloads === 9) await vi.advanceTimersByTimeAsync(1000);
  expect(Date.now() - before).toBe(3000);
});
