import { describe, expect, it } from "vitest";
import { nextTick, ref, shallowRef } from "vue";
import { Problem } from "../api/problem";
import type { Entry } from "./tasks";
import { useOpened } from "./useOpened";

const task = (id: string, version = 1) => ({ id, version }) as Entry;
const settled = async () => {
  await nextTick();
  await Promise.resolve();
  await nextTick();
};

function page(answers: (id: string) => Promise<Entry>) {
  const list = shallowRef<{ tasks: Entry[] } | null>(null);
  const failed = ref<Problem | null>(null);
  return { list, failed, ...useOpened(list, failed, answers) };
}

describe("the task that is open", () => {
  it("is that of the list, and follows it", async () => {
    const p = page(() => Promise.reject(new Error("not asked")));
    p.id.value = "a";
    p.list.value = { tasks: [task("a"), task("b")] };
    await settled();
    expect(p.shown.value?.id).toBe("a");
    p.list.value = { tasks: [task("a", 2)] };
    await settled();
    expect(p.shown.value?.version).toBe(2);
    expect(p.problem.value).toBeNull();
  });

  it("is fetched where the list has it not, and anew after each event", async () => {
    let version = 1;
    const p = page((id) => Promise.resolve(task(id, version++)));
    p.list.value = { tasks: [] };
    p.id.value = "a";
    await settled();
    expect(p.shown.value).toMatchObject({ id: "a", version: 1 });
    p.list.value = { tasks: [] };
    await settled();
    expect(p.shown.value).toMatchObject({ id: "a", version: 2 });
  });

  it("is never another one than was asked for", async () => {
    const p = page(() => new Promise(() => {}));
    p.list.value = { tasks: [task("a")] };
    p.id.value = "a";
    await settled();
    p.id.value = "b";
    expect(p.shown.value).toBeNull();
  });

  it("says why it is not there, and is asked for where the list itself failed", async () => {
    const p = page(() => Promise.reject(new Problem(404, "supervision.none", "no such task")));
    p.id.value = "a";
    p.failed.value = new Problem(500, "http-500", "");
    await settled();
    expect(p.problem.value?.message).toBe("no such task");
    p.id.value = null;
    await settled();
    expect(p.problem.value).toBeNull();
  });
});
