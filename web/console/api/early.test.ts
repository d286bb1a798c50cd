import { describe, expect, it, vi } from "vitest";
import { begin, taken } from "./early";

describe("an answer asked for early", () => {
  it("is taken once, and then asked for anew", async () => {
    let n = 0;
    const ask = async () => ++n;
    begin("city", ask);
    expect(await taken("city", ask)).toBe(1);
    expect(await taken("city", ask)).toBe(2);
    expect(await taken("other", ask)).toBe(3);
  });

  it("says when it was asked for and when it came, however late it is taken", async () => {
    vi.useFakeTimers();
    const asked = performance.now();
    begin("session", () => new Promise((done) => setTimeout(() => done("me"), 30)));
    await vi.advanceTimersByTimeAsync(4000);
    const when = vi.fn();
    expect(await taken("session", async () => "anew", when)).toBe("me");
    expect(when).toHaveBeenCalledExactlyOnceWith(asked, asked + 30);
    expect(await taken("session", async () => "anew", when)).toBe("anew");
    expect(when).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it("is not shown when it has grown old, and a refusal reaches whoever takes it", async () => {
    vi.useFakeTimers();
    begin("city", async () => "old");
    vi.advanceTimersByTime(10_001);
    expect(await taken("city", async () => "new")).toBe("new");
    vi.useRealTimers();
    begin("city", () => Promise.reject(new Error("no")));
    await expect(taken("city", async () => "")).rejects.toThrow("no");
  });
});
