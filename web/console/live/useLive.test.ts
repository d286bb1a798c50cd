import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, ref } from "vue";

const world = vi.hoisted(() => ({
  codec: "H265",
  begun: [] as string[],
  left: 0,
  hls: 0,
  whep: 0,
  urls: {} as Record<string, string>,
  listeners: [] as [string, (event: object) => void][],
  refuse: null as object | null,
  decodes: undefined as boolean | undefined,
  proofs: 0,
  refuseWhep: false,
}));

vi.mock("../api/events", () => ({
  journal: {
    on: (kind: string, tell: (event: object) => void) => {
      world.listeners.push([kind, tell]);
      return () => {};
    },
  },
}));
vi.mock("../session/session", () => ({ useSession: () => ({ roles: ["guard"] }) }));
vi.mock("../session/purpose", () => ({ needPurpose: async () => ({ purpose: "duty", reason: "" }) }));
vi.mock("../look/door", () => ({
  leases: {
    begin: async (request: { stream: string }) => {
      world.begun.push(request.stream);
      if (world.refuse) throw world.refuse;
      return {
        request,
        urls: world.urls,
        onEnd: () => {},
        keepAlive: () => {},
        leave: () => world.left++,
        refusedBy: () => false,
      };
    },
  },
}));
const connected = (way: "hls" | "whep") => {
  world[way]++;
  return { codec: () => world.codec, close: () => {} };
};
vi.mock("./hls", () => ({ NoDecoder: class extends Error {}, playHls: async () => connected("hls") }));
vi.mock("./proof", () => ({
  provenOf: async () => {
    world.proofs++;
    return { codec: "hvc1.1.6.L93.90", decodes: world.decodes };
  },
}));
vi.mock("./whep", () => ({
  preferHls: () => world.refuseWhep,
  playWhep: async () => {
    if (world.refuseWhep) throw new Error("no media");
    return connected("whep");
  },
}));

import { Problem } from "../api/problem";
import { forgetProbes, verdictOn } from "../playback/probe";
import { COMING_FOR, STILL_FOR, useLive } from "./useLive";

let frames = 0;
let stop = () => {};
const video = {
  getVideoPlaybackQuality: () => ({ totalVideoFrames: frames }),
  readyState: 0,
  videoWidth: 0,
} as unknown as HTMLVideoElement;

const canvas = { width: 1, height: 1, getContext: () => ({ drawImage: () => {} }) } as unknown as HTMLCanvasElement;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.spyOn(console, "warn").mockImplementation(() => {});
  Object.assign(world, {
    codec: "H265",
    begun: [],
    left: 0,
    hls: 0,
    whep: 0,
    urls: { hls: "/h" },
    listeners: [],
    refuse: null,
    decodes: undefined,
    proofs: 0,
    refuseWhep: false,
  });
  forgetProbes();
  Object.assign(video, { readyState: 0, videoWidth: 0 });
  Object.assign(canvas, { width: 1, height: 1 });
  frames = 0;
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Opens a picture of one camera; the name is new each time, as ways that failed are remembered by it. */
function open(camera: string, codec?: string, coming: () => boolean = () => false) {
  const stream = ref<"main" | "sub">("main");
  const scope = effectScope();
  stop = () => scope.stop();
  const live = scope.run(() =>
    useLive({
      camera: () => camera,
      stream: () => stream.value,
      video: () => video,
      still: () => canvas,
      codec: () => codec,
      coming,
    }),
  )!;
  void live.open();
  return { live, stream };
}

describe("live H.265 that the browser only believes it can decode", () => {
  it("is told as such, once, and gives its look back", async () => {
    const { live, stream } = open("a");
    await vi.advanceTimersByTimeAsync(5000);
    expect(live.phase.value).toBe("opening");
    await vi.advanceTimersByTimeAsync(4000);
    expect(live.phase.value).toBe("undecodable");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(world.begun).toEqual(["main"]);
    expect(world.left).toBe(1);
    // The page goes over to the sub stream.
    world.codec = "H264";
    stream.value = "sub";
    await vi.advanceTimersByTimeAsync(500);
    frames = 5;
    await vi.advanceTimersByTimeAsync(1000);
    expect(live.phase.value).toBe("playing");
    expect(world.begun).toEqual(["main", "sub"]);
  });

  it("is tried by the other way first", async () => {
    world.urls = { whep: "/w", hls: "/h" };
    const { live } = open("b");
    await vi.advanceTimersByTimeAsync(30_000);
    expect([world.whep, world.hls]).toEqual([1, 1]);
    expect(live.phase.value).toBe("undecodable");
  });

  it("is no matter of the decoder where a picture came, or where it is another codec", async () => {
    const { live } = open("c");
    await vi.advanceTimersByTimeAsync(500);
    frames = 3;
    await vi.advanceTimersByTimeAsync(9000);
    expect(live.phase.value).not.toBe("undecodable");
    stop();
    world.codec = "H264";
    frames = 0;
    const other = open("d");
    await vi.advanceTimersByTimeAsync(9000);
    expect(other.live.phase.value).not.toBe("undecodable");
    expect(world.begun.length).toBeGreaterThan(1);
  });
});

describe("who has asked for too many pictures", () => {
  it("is told so, and asks again when the server has said that it makes sense", async () => {
    world.refuse = new Problem(429, "door.too-often", "此账号短时间内打开的画面过多，请在 20 秒后再试。", [], 20);
    const { live } = open("often", "H264");
    await vi.advanceTimersByTimeAsync(19_900);
    expect([live.phase.value, live.problem.value?.status, world.begun.length]).toEqual(["waiting", 429, 1]);
    world.refuse = null;
    await vi.advanceTimersByTimeAsync(1500);
    expect(world.begun.length).toBe(2);
    frames = 5;
    await vi.advanceTimersByTimeAsync(1500);
    expect([live.phase.value, live.problem.value]).toEqual(["playing", null]);
  });
});

describe("live H.265, known as such", () => {
  it("is found out about first: where it cannot be decoded no way is tried and nothing is waited for", async () => {
    world.urls = { whep: "/w", hls: "/h" };
    world.decodes = false;
    const { live } = open("h", "H265");
    await vi.advanceTimersByTimeAsync(10);
    expect(live.phase.value).toBe("undecodable");
    expect([world.whep, world.hls, world.left]).toEqual([0, 0, 1]);
  });

  it("is connected where it was proved, or where there was nothing to prove it with", async () => {
    for (const decodes of [true, undefined]) {
      Object.assign(world, { urls: { whep: "/w", hls: "/h" }, decodes, whep: 0 });
      const { live } = open(`i${decodes}`, "H265");
      await vi.advanceTimersByTimeAsync(10);
      frames++;
      await vi.advanceTimersByTimeAsync(1000);
      expect([live.phase.value, world.whep]).toEqual(["playing", 1]);
      stop();
    }
    expect(world.proofs).toBe(2);
  });

  it("that was not proved and shows nothing is waited for once, whichever camera sends it", async () => {
    Object.assign(world, { urls: { whep: "/w", hls: "/h" }, decodes: undefined });
    const { live } = open("j", "H265");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(live.phase.value).toBe("undecodable");
    expect([world.whep, world.hls]).toEqual([1, 1]);
    expect(verdictOn("hvc1.1.6.L93.90")).toBe(false);
    stop();
    open("k", "H265");
    await vi.advanceTimersByTimeAsync(1000);
    expect([world.whep, world.hls]).toEqual([1, 2]);
    stop();
    // Not for ever: it may have been one bad fragment.
    await vi.advanceTimersByTimeAsync(6 * 60_000);
    expect(verdictOn("hvc1.1.6.L93.90")).toBeUndefined();
  });

  it("that was proved and shows nothing is that camera's matter alone", async () => {
    Object.assign(world, { urls: { hls: "/h" }, decodes: true });
    const { live } = open("m", "H265");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(live.phase.value).toBe("undecodable");
    expect(verdictOn("hvc1.1.6.L93.90")).toBeUndefined();
    stop();
    const other = open("n", "H265");
    await vi.advanceTimersByTimeAsync(500);
    frames += 5;
    await vi.advanceTimersByTimeAsync(1000);
    expect(other.live.phase.value).toBe("playing");
  });

  it("by a way that one camera's server refuses stays open to the others", async () => {
    vi.setSystemTime(Date.now() + 10 * 60_000); // what showed nothing above is forgotten
    Object.assign(world, { urls: { whep: "/w", hls: "/h" }, decodes: true, refuseWhep: true });
    open("o", "H265");
    await vi.advanceTimersByTimeAsync(1000);
    expect([world.whep, world.hls]).toEqual([0, 1]);
    stop();
    world.refuseWhep = false;
    open("p", "H265");
    await vi.advanceTimersByTimeAsync(1000);
    expect([world.whep, world.hls]).toEqual([1, 1]);
  });

  it("is not asked about where the camera sends something else", async () => {
    world.codec = "H264";
    open("l", "H264");
    await vi.advanceTimersByTimeAsync(1000);
    expect(world.proofs).toBe(0);
  });
});

describe("a camera that is only being connected to", () => {
  it("is not asked for a picture that it would refuse, but as soon as it has come", async () => {
    world.codec = "H264";
    const coming = ref(true);
    const { live } = open("m", "H264", () => coming.value);
    await vi.advanceTimersByTimeAsync(COMING_FOR - 1000);
    expect([live.phase.value, world.begun]).toEqual(["opening", []]);
    coming.value = false;
    await vi.advanceTimersByTimeAsync(100);
    frames = 5;
    await vi.advanceTimersByTimeAsync(1000);
    expect([live.phase.value, world.begun]).toEqual(["playing", ["main"]]);
    coming.value = true; // what the page knows is late: a picture that runs is left alone
    await vi.advanceTimersByTimeAsync(500);
    coming.value = false;
    await vi.advanceTimersByTimeAsync(500);
    expect([live.phase.value, world.begun]).toEqual(["playing", ["main"]]);
  });

  it("is asked for all the same after a while, and at once where a person asks", async () => {
    open("n", "H264", () => true);
    await vi.advanceTimersByTimeAsync(COMING_FOR + 100);
    expect(world.begun).toEqual(["main"]);
    stop();
    world.begun = [];
    const { live } = open("o", "H264", () => true);
    await vi.advanceTimersByTimeAsync(100);
    live.retryNow();
    await vi.advanceTimersByTimeAsync(100);
    expect(world.begun).toEqual(["main"]);
  });
});

describe("the last picture of a camera that is away", () => {
  async function lost(camera: string) {
    world.codec = "H264";
    const { live } = open(camera);
    await vi.advanceTimersByTimeAsync(500);
    frames = 5;
    await vi.advanceTimersByTimeAsync(1000);
    expect(live.phase.value).toBe("playing");
    Object.assign(video, { readyState: 4, videoWidth: 640, videoHeight: 360 });
    await vi.advanceTimersByTimeAsync(7000);
    expect(live.phase.value).toBe("waiting");
    expect([live.still.value, canvas.width]).toEqual(["kept", 640]);
    expect(world.left).toBeGreaterThan(0);
    return live;
  }

  it("is kept for a minute, with no lease to take it back, and is gone then", async () => {
    const live = await lost("e");
    await vi.advanceTimersByTimeAsync(STILL_FOR - 8000);
    expect([live.still.value, canvas.width]).toEqual(["kept", 640]);
    await vi.advanceTimersByTimeAsync(8000);
    expect([live.still.value, canvas.width]).toEqual(["gone", 1]);
    for (let i = 0; i < 60; i++) {
      frames++;
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect([live.phase.value, live.still.value]).toEqual(["playing", ""]);
  });

  it("goes at once when the camera is disabled or deleted, another's does not", async () => {
    const live = await lost("f");
    const tell = (kind: string, subject: string) => {
      for (const [heard, listener] of world.listeners) if (heard === kind) listener({ kind, subject, data: null });
    };
    tell("camera.disabled", "another");
    expect(live.still.value).toBe("kept");
    tell("camera.disabled", "f");
    expect([live.still.value, canvas.width]).toEqual(["", 1]);
  });

  it("goes when the door says no the next time", async () => {
    const live = await lost("g");
    world.refuse = new Problem(403, "door.refused-no-permit", "no");
    live.retryNow();
    await vi.advanceTimersByTimeAsync(10);
    expect(live.phase.value).toBe("refused");
    expect([live.still.value, canvas.width]).toEqual(["", 1]);
  });
});
