import { describe, expect, it } from "vitest";
import { effectScope } from "vue";
import { useLatest } from "./useLatest";

/** Questions that are answered when the test says so. */
function asked() {
  const open = new Map<string, { answer: (of: string) => void; refuse: (why: Error) => void }>();
  const taken: string[] = [];
  const latest = useLatest(
    (of: string) => new Promise<string>((answer, refuse) => open.set(of, { answer, refuse })),
    (got, of) => void taken.push(`${of}: ${got}`),
  );
  return { open, taken, latest };
}

describe("what is read", () => {
  it("is what was asked for last, whichever answer comes first", async () => {
    const { open, taken, latest } = asked();
    const first = latest.run("A");
    const second = latest.run("B");
    open.get("B")!.answer("streets");
    await second;
    expect(latest.busy.value).toBe(false);
    open.get("A")!.answer("compounds");
    await first;
    expect(taken).toEqual(["B: streets"]);
    expect(latest.answered.value).toBe(true);
  });

  it("keeps busy until the newest has come, and forgets what went wrong with an older one", async () => {
    const { open, taken, latest } = asked();
    const first = latest.run("A");
    const second = latest.run("B");
    open.get("A")!.refuse(new Error("gone"));
    await first;
    expect(latest.busy.value).toBe(true);
    expect(latest.problem.value).toBeNull();
    open.get("B")!.answer("yes");
    await second;
    expect(latest.busy.value).toBe(false);
    expect(taken).toEqual(["B: yes"]);
  });

  it("says what went wrong, and is not answered then", async () => {
    const { open, taken, latest } = asked();
    const run = latest.run("A");
    open.get("A")!.refuse(new Error("gone"));
    await run;
    expect(latest.problem.value?.message).toBe("gone");
    expect(latest.answered.value).toBe(false);
    expect(taken).toEqual([]);
  });

  it("is dropped, by hand or with the page that asked", async () => {
    const { open, taken, latest } = asked();
    const run = latest.run("A");
    latest.drop();
    expect(latest.busy.value).toBe(false);
    open.get("A")!.answer("late");
    await run;

    const scope = effectScope();
    const there = scope.run(asked)!;
    const other = there.latest.run("B");
    scope.stop();
    there.open.get("B")!.answer("later");
    await other;
    expect([...taken, ...there.taken]).toEqual([]);
  });
});
