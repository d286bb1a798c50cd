import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { Problem } from "../api/problem";
import { useStory } from "./useStory";

type Said = { to?: string; at?: string; failed?: string } | Problem;

function demo(...answers: Said[]) {
  let reads = 0;
  let arrived = 0;
  const scope = effectScope();
  const story = scope.run(() =>
    useStory({
      read: async () => {
        const said = answers[Math.min(reads++, answers.length - 1)]!;
        if (said instanceof Problem) throw said;
        return said;
      },
      begin: async (to) => ({ to, at: "2017-09-27" }),
      arrived: () => void arrived++,
    }),
  )!;
  return { story, scope, reads: () => reads, arrived: () => arrived };
}

describe("a demo's clock that is moved on", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is followed until it has arrived, once", async () => {
    const d = demo({ to: "2017-10-04", at: "2017-09-30" }, {});
    await d.story.move("2017-10-04");
    expect(d.story.moving.value).toEqual({ to: "2017-10-04", at: "2017-09-27" });
    await vi.advanceTimersByTimeAsync(0);
    expect(d.story.moving.value?.at).toBe("2017-09-30");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([d.reads(), d.arrived(), d.story.moving.value]).toEqual([2, 1, null]);
  });

  it("has one loop, however often it is asked for", async () => {
    const d = demo({ to: "2017-10-04" });
    d.story.follow();
    d.story.follow();
    await d.story.move("2017-10-04");
    await vi.advanceTimersByTimeAsync(0);
    expect(d.reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(700);
    expect(d.reads()).toBe(2);
  });

  it("is let go of with the page", async () => {
    const d = demo({ to: "2017-10-04" }, {});
    d.story.follow();
    await vi.advanceTimersByTimeAsync(0);
    d.scope.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([d.reads(), d.arrived()]).toEqual([1, 0]);
  });

  it("is asked for ever less often while nobody answers, and no more where one may not ask", async () => {
    const away = demo(new Problem(0, "unreachable", ""));
    away.story.follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(away.reads()).toBeLessThan(11);
    const refused = demo(new Problem(403, "denied", "not yours"));
    refused.story.follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([refused.reads(), refused.story.problem.value?.message]).toEqual([1, "not yours"]);
  });

  it("does not reload the page when nothing was being moved, and says what stopped it", async () => {
    const still = demo({});
    still.story.follow();
    await vi.advanceTimersByTimeAsync(5000);
    expect([still.reads(), still.arrived()]).toEqual([1, 0]);
    const broken = demo({ failed: "disk full" });
    await broken.story.move("2017-10-04");
    await vi.advanceTimersByTimeAsync(0);
    expect([broken.story.failed.value, broken.story.moving.value]).toEqual(["disk full", null]);
  });
});
