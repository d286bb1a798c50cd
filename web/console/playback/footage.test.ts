import { afterEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { Lease } from "../look/lease";
import { Footage } from "./footage";
import { HOUR, MINUTE } from "./timeline";

const noon = Date.UTC(2026, 10, 23, 12);

/** A door that permits so much at once, and a server that has nothing. */
function world(most: number) {
  const asked: { from: number; to: number }[] = [];
  const left: string[] = [];
  const ended: string[] = [];
  const held: Lease[] = [];
  const footage = new Footage({
    now: () => noon + 240 * HOUR,
    longest: async () => most,
    onEnd: (why) => ended.push(why),
    begin: async (from, to) => {
      if (to - from > most) throw new Problem(403, "door.refused-no-permit", "");
      asked.push({ from, to });
      const door = { begin: vi.fn(), beat: vi.fn(async () => {}), end: (id: string) => void left.push(id) };
      const [begin, until] = [Date.now(), Date.now() + HOUR].map((t) => new Date(t).toISOString());
      const lease = new Lease(
        { camera: "c", purpose: "maintenance", kind: "playback", stream: "main" },
        { lease: `l${asked.length}`, begin: begin!, until: until!, urls: {} },
        door,
      );
      held.push(lease);
      return lease;
    },
  });
  const got: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    got.push(String(url));
    return new Response(JSON.stringify({ segments: [], fragments: [] }), { status: 200 });
  });
  return { footage, asked, left, ended, held, got };
}

afterEach(() => vi.unstubAllGlobals());

describe("footage", () => {
  it("is asked for by the hour where no more is permitted, and again when the moment leaves it", async () => {
    const { footage, asked, left } = world(HOUR);
    await footage.reach(noon + 5 * MINUTE);
    await footage.reach(noon + 30 * MINUTE);
    expect(asked).toEqual([{ from: noon - 10 * MINUTE, to: noon + 50 * MINUTE }]);
    await footage.reach(noon + 55 * MINUTE);
    expect(asked).toHaveLength(2);
    expect(left).toEqual([]);
    await footage.reach(noon - 100 * HOUR);
    expect(asked).toHaveLength(3);
    expect(left).toEqual(["l1", "l2"]);
    footage.close();
    await vi.waitFor(() => expect(left).toEqual(["l1", "l2", "l3"]));
  });

  it("goes dark when the room that is watched ends, not when one behind it runs out", async () => {
    const { footage, ended, held, asked } = world(HOUR);
    await footage.reach(noon);
    await footage.reach(noon + 60 * MINUTE);
    held[0]!.finish("expired");
    expect(ended).toEqual([]);
    held[1]!.finish("expired");
    expect(ended).toEqual(["expired"]);
    await footage.reach(noon);
    expect(asked).toHaveLength(3);
    footage.close();
  });

  it("asks for one lease, however many blocks are wanted at once", async () => {
    const { footage, asked, got } = world(7 * 24 * HOUR);
    await Promise.all([footage.reach(noon), footage.reach(noon + 20 * MINUTE)]);
    expect(asked).toHaveLength(1);
    expect(got.length).toBeGreaterThan(2);
    footage.close();
  });
});
