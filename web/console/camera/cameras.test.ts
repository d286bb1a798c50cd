import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const world = vi.hoisted(() => ({ tell: (_: string) => {}, fails: false, asked: 0 }));

vi.mock("../api/events", () => ({
  journal: {
    on: () => () => {},
    onConnection: (tell: (c: string) => void) => {
      world.tell = tell;
      return () => {};
    },
  },
}));
vi.mock("../api/client", () => ({
  api: { GET: () => undefined },
  ask: async () => {
    world.asked++;
    if (world.fails) throw new Error("away");
    return {
      cameras: [
        { id: "a", health: { state: "online" } },
        { id: "b", disabled: true },
      ],
    };
  },
}));

import { AWAY_AFTER, lastStateOf, stateOf, useCameras } from "./cameras";

describe("how cameras are while the server is away", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    setActivePinia(createPinia());
    world.fails = false;
  });
  afterEach(() => vi.useRealTimers());

  async function begun() {
    const cameras = useCameras();
    const leave = cameras.use();
    await vi.advanceTimersByTimeAsync(0);
    const states = () => cameras.all.map(stateOf);
    expect(states()).toEqual(["online", "disabled"]);
    return { cameras, leave, states };
  }

  it("nobody knows after some seconds, until they are read again", async () => {
    const { cameras, leave, states } = await begun();
    world.fails = true;
    world.tell("lost");
    await vi.advanceTimersByTimeAsync(AWAY_AFTER - 1);
    expect(states()).toEqual(["online", "disabled"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(cameras.away).toBe(true);
    expect(states()).toEqual(["unknown", "disabled"]);
    // A picture goes by this: silence brings no broken camera back, and begins no look at it.
    expect(cameras.all.map(lastStateOf)).toEqual(["online", "disabled"]);
    world.tell("open"); // the answer is still an error
    await vi.advanceTimersByTimeAsync(300);
    expect(states()).toEqual(["unknown", "disabled"]);
    world.fails = false;
    world.tell("open");
    await vi.advanceTimersByTimeAsync(300);
    expect(states()).toEqual(["online", "disabled"]);
    leave();
  });

  it("a moment's interruption changes nothing", async () => {
    const { cameras, leave, states } = await begun();
    world.tell("lost");
    await vi.advanceTimersByTimeAsync(AWAY_AFTER / 2);
    world.tell("open");
    await vi.advanceTimersByTimeAsync(AWAY_AFTER);
    expect(cameras.away).toBe(false);
    expect(states()).toEqual(["online", "disabled"]);
    leave();
  });
});
