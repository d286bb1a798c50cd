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
  const said: string[] = [];
  const footage = new Footage({
    now: () => noon + 240 * HOUR,
    longest: async () => most,
    onEnd: (why) => ended.push(why),
    onBusy: (says) => said.push(says),
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
  return { footage, asked, left, ended, held, got, said };
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

  describe("where the account's other pages have taken what there was", () => {
    const busy = (after: string) =>
      new Response(JSON.stringify({ code: "door.account-pace", detail: "too much at once" }), {
        status: 429,
        headers: { "Retry-After": after },
      });
    const piece = {
      segment: "s",
      url: "/media/l1/segments/s.mp4",
      offset: 1,
      size: 2,
      start: noon,
      end: noon + 1000,
      key: true,
      init: { url: "", offset: 0, size: 0 },
      codec: "",
      run: "1",
    };

    it("waits as long as the server says, and asks again", async () => {
      vi.useFakeTimers();
      const { footage, said } = world(HOUR);
      await footage.reach(noon);
      said.length = 0;
      const replies = [busy("10"), new Response("ab", { status: 206 })];
      let asked = 0;
      vi.stubGlobal("fetch", async () => replies[asked++]);
      const got = footage.bytes(piece);
      await vi.advanceTimersByTimeAsync(9_900);
      expect(asked).toBe(1);
      expect(said).toEqual(["too much at once"]);
      await vi.advanceTimersByTimeAsync(200);
      expect((await got).length).toBe(2);
      expect(said).toEqual(["too much at once", ""]);
      footage.close();
      vi.useRealTimers();
    });

    it("does not wait for what is no longer wanted, nor for a look that is over, nor for ever", async () => {
      vi.useFakeTimers();
      const { footage, held, said } = world(HOUR);
      await footage.reach(noon);
      said.length = 0;
      let asked = 0;
      vi.stubGlobal("fetch", async () => (asked++, busy("10")));
      const stop = new AbortController();
      const left = footage.bytes(piece, stop.signal).catch((e) => e);
      await vi.advanceTimersByTimeAsync(100);
      stop.abort();
      expect(await left).toMatchObject({ name: "AbortError" });
      expect(said, "the page is told that nothing is waited for").toEqual(["too much at once", ""]);
      const never = footage.bytes(piece).catch((e) => e);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(await never).toMatchObject({ status: 429 });
      expect(said.at(-1)).toBe("");
      expect(asked).toBeLessThan(10);
      const over = footage.bytes(piece).catch((e) => e);
      await vi.advanceTimersByTimeAsync(100);
      vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ code: "door.lease-ended" }), { status: 410 }));
      held[0]!.finish("revoked");
      await vi.advanceTimersByTimeAsync(100);
      expect(await over).toMatchObject({ status: 410 });
      footage.close();
      vi.useRealTimers();
    });
  });
});
