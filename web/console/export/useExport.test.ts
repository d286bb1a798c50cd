import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Lease } from "../look/lease";

const world = vi.hoisted(() => ({
  files: 1,
  way: "saved" as "saved" | "handed",
  asked: [] as { stream: string; from?: string }[],
  ends: [] as string[],
  beats: 0,
  leases: [] as unknown[],
  saved: [] as string[],
  during: (() => {}) as (signal: AbortSignal) => void,
}));

vi.mock("../session/session", () => ({ useSession: () => ({ roles: ["guard"] }) }));
vi.mock("../session/purpose", () => ({ needPurpose: async () => ({ purpose: "evidence", reason: "" }) }));
vi.mock("../look/door", () => ({
  leases: {
    begin: async (request: never) => {
      const { Lease: Real } = await import("../look/lease");
      world.asked.push(request);
      const door = {
        begin: async () => ({}) as never,
        beat: async () => void world.beats++,
        end: (id: string) => void world.ends.push(id),
      };
      const lease = new Real(
        request,
        {
          lease: `l${world.asked.length}`,
          begin: new Date().toISOString(),
          until: new Date(Date.now() + 7_200_000).toISOString(),
          urls: {},
        },
        door,
      );
      world.leases.push(lease);
      return lease;
    },
  },
}));
vi.mock("../api/client", () => ({
  fetchOk: async (url: string) => ({
    json: async () => ({
      files: Array.from({ length: world.files }, (_, i) => ({
        url: `${url}#${i}`,
        from: "2026-11-23T10:00:01Z", // the picture that the span begins with
        size: 1000,
      })),
    }),
    blob: async () => new Blob(["{}"]),
  }),
}));
vi.mock("./clip", () => ({
  clipName: (name: string, from: number, part = 0) =>
    `${name}${from === Date.parse("2026-11-23T10:00:01Z") ? "" : "-at-another-time"}-${part}`,
  hand: (_url: string, name: string) => void world.saved.push(name),
  saveClip: async (file: { name: string }, onProgress: (p: object) => void, signal: AbortSignal) => {
    onProgress({ done: 500, total: 1000 });
    world.during(signal);
    if (signal.aborted) throw new DOMException("cancelled", "AbortError");
    world.saved.push(file.name);
    return world.way;
  },
}));

import { useExport } from "./useExport";

const span = { from: Date.parse("2026-11-23T10:00:00Z"), to: Date.parse("2026-11-23T11:00:00Z") };
const gate = { camera: "gate", name: "gate", stream: "main" as const, spans: [span] };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { addEventListener: () => {}, removeEventListener: () => {} });
  Object.assign(world, {
    files: 1,
    way: "saved",
    asked: [],
    ends: [],
    beats: 0,
    leases: [],
    saved: [],
    during: () => {},
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an export", () => {
  it("that is saved here gives its lease back when all is in the files", async () => {
    world.files = 2;
    const { items, run } = useExport();
    await run([gate]);
    expect(items.value[0]!.state).toBe("done");
    expect(world.saved).toEqual(["gate-0.mp4", "gate-1.mp4", "gate-0-manifest.json"]);
    expect(world.ends).toEqual(["l1"]);
  });

  it("that is handed to the browser keeps its lease, however many files, and does not say that it is done", async () => {
    Object.assign(world, { files: 3, way: "handed" });
    const { items, run } = useExport();
    const done = run([gate]);
    await vi.advanceTimersByTimeAsync(2500);
    await done;
    expect(world.saved).toHaveLength(4);
    expect(items.value[0]!.state).toBe("handed");
    expect(world.ends).toEqual([]);
    // The page beats while the browser may still ask, then only the download's own requests keep the lease.
    await vi.advanceTimersByTimeAsync(118_000);
    const beats = world.beats;
    expect(beats).toBeGreaterThan(20);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.beats - beats).toBeLessThan(2);
    (world.leases[0] as Lease).finish("idle");
    expect(items.value[0]!.state).toBe("handed");
  });

  it("that is handed over says so when its permission is taken away", async () => {
    world.way = "handed";
    const { items, run } = useExport();
    await run([gate]);
    (world.leases[0] as Lease).finish("revoked");
    expect(items.value[0]!.state).toBe("cut");
  });

  it("is cancelled in the middle of a file, and what follows is not begun", async () => {
    const { items, run, cancel } = useExport();
    world.during = () => {
      expect(items.value[0]).toMatchObject({ state: "saving", done: 500, total: 1000 });
      cancel();
    };
    await run([gate, { ...gate, camera: "yard", name: "yard" }]);
    expect(items.value.map((i) => i.state)).toEqual(["cancelled", "cancelled"]);
    expect(world.asked).toHaveLength(1);
    expect(world.ends).toEqual(["l1"]);
    expect(world.saved).toEqual([]);
  });

  it("takes the sub stream for the parts of which the main stream is gone, each a look of its own", async () => {
    const { items, run } = useExport();
    const later = { from: span.to + 3_600_000, to: span.to + 7_200_000 };
    await run([gate, { ...gate, stream: "sub", spans: [span, later] }]);
    expect(world.asked.map((a) => a.stream)).toEqual(["main", "sub", "sub"]);
    expect(world.asked[2]!.from).toBe(new Date(later.from).toISOString());
    expect(items.value.map((i) => i.state)).toEqual(["done", "done"]);
    expect(world.saved).toContain("gate-sub-0.mp4");
  });
});
