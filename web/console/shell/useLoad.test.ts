import { beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref, shallowRef } from "vue";

vi.mock("../api/events", () => ({ journal: { on: () => () => {} }, RESET: "reset" }));
vi.mock("../words", () => ({ words: { global: { locale: { value: "zh" } } } }));

import { useLoad } from "./useLoad";

describe("what is loaded", () => {
  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
  });

  it("is loaded anew when what it hangs on is another, not when that was only read again", async () => {
    const programme = shallowRef({ today: "2017-09-27", clock: 1 });
    const days = ref(["2017-09-27"]);
    let loads = 0;
    const when = () => [programme.value.today, days.value];
    effectScope().run(() => useLoad(async () => ++loads, { when }));
    expect(loads).toBe(1);
    programme.value = { today: "2017-09-27", clock: 2 };
    days.value = ["2017-09-27"];
    await nextTick();
    expect(loads).toBe(1);
    programme.value = { today: "2017-09-28", clock: 2 };
    await nextTick();
    expect(loads).toBe(2);
    days.value.push("2017-09-28");
    await nextTick();
    expect(loads).toBe(3);
  });
});
