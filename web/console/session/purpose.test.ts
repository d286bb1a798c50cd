import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** A tab's storage, and the module as a page that is loaded into it has it. */
function tab() {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
  return {
    kept,
    load: async () => {
      vi.resetModules();
      return import("./purpose");
    },
  };
}

const MENDING = { purpose: "maintenance", reason: "new lens" } as const;

describe("the purpose of a sitting", () => {
  let here: ReturnType<typeof tab>;
  beforeEach(() => {
    here = tab();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is duty for a guard, who is not asked", async () => {
    const page = await here.load();
    expect(await page.needPurpose(["guard"])).toEqual({ purpose: "duty", reason: "" });
    expect(page.usePurpose().asking.value).toBeNull();
    expect(page.usePurpose().stated.value?.purpose).toBe("duty");
  });

  it("is asked once, whatever asks at the same time or later, and outlives a reload", async () => {
    const page = await here.load();
    const answers = [page.needPurpose(["operator"]), page.needPurpose(["operator"])];
    page.usePurpose().asking.value!.answer(MENDING);
    expect(await Promise.all(answers)).toEqual([MENDING, MENDING]);
    expect(await page.needPurpose(["operator"])).toEqual(MENDING);
    expect(page.usePurpose().asking.value).toBeNull();
    const again = await here.load();
    expect(await again.needPurpose(["operator"])).toEqual(MENDING);
    expect(again.usePurpose().asking.value).toBeNull();
  });

  it("is asked again of who would not say, and after the sitting", async () => {
    const page = await here.load();
    const refused = page.needPurpose(["operator"]);
    page.usePurpose().asking.value!.answer(null);
    expect(await refused).toBeNull();
    expect(page.usePurpose().stated.value).toBeNull();
    const said = page.needPurpose(["operator"]);
    page.usePurpose().asking.value!.answer(MENDING);
    await said;
    page.forgetPurpose();
    expect(here.kept.size).toBe(0);
    void page.needPurpose(["operator"]);
    expect(page.usePurpose().asking.value).not.toBeNull();
  });

  it("is not taken over by who may not have it: an operator does not look on duty", async () => {
    const page = await here.load();
    await page.needPurpose(["guard"]);
    void page.needPurpose(["operator"]);
    expect(page.usePurpose().asking.value).not.toBeNull();
    expect(page.choices(["guard"])).toEqual(["duty", "incident", "evidence"]);
    expect(page.choices(["operator"])).toEqual(["maintenance"]);
  });

  it("goes on without a tab's storage", async () => {
    vi.stubGlobal("sessionStorage", undefined);
    const page = await here.load();
    expect(await page.needPurpose(["guard"])).toEqual({ purpose: "duty", reason: "" });
    page.forgetPurpose();
    expect(page.usePurpose().stated.value).toBeNull();
  });
});
