import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { type Door, Leases, type LookRequest } from "./lease";

const request: LookRequest = { camera: "gate", purpose: "duty", kind: "live", stream: "sub" };

/** `fast`: by how much the PC's clock is ahead of the door's. */
function fakeDoor(minutes = 30, fast = 0): Door & { beats: number; ends: string[]; refuse?: Problem } {
  let n = 0;
  return {
    beats: 0,
    ends: [],
    async begin() {
      n++;
      const now = Date.now() - fast;
      return {
        lease: `lease-${n}`,
        look: `look-${n}`,
        begin: new Date(now).toISOString(),
        until: new Date(now + minutes * 60_000).toISOString(),
        urls: {},
      };
    },
    async beat() {
      this.beats++;
      if (this.refuse) throw this.refuse;
    },
    end(lease) {
      this.ends.push(lease);
    },
  };
}

describe("a lease", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("beats every five seconds while a WHEP picture is shown, and stops when left", async () => {
    const door = fakeDoor();
    const lease = await new Leases(door).begin(request);
    lease.keepAlive();
    await vi.advanceTimersByTimeAsync(15_100);
    expect(door.beats).toBe(3);
    lease.leave();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(door.beats).toBe(3);
    expect(door.ends).toEqual(["lease-1"]);
  });

  it("that a download of the browser uses does not end with the page", async () => {
    const door = fakeDoor();
    const leases = new Leases(door);
    const [picture, download] = [await leases.begin(request), await leases.begin({ ...request, kind: "export" })];
    download.handOver();
    leases.leaveAll();
    expect(door.ends).toEqual([picture.id]);
    expect(download.ended).toBeNull();
    leases.finishAll("session-ended");
    expect(download.ended).toBe("session-ended");
  });

  it("ends by itself at its time, without asking the server", async () => {
    const door = fakeDoor(10);
    const leases = new Leases(door);
    const lease = await leases.begin(request);
    const why = vi.fn();
    lease.onEnd(why);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(why).toHaveBeenCalledWith("expired");
    expect(door.ends).toEqual([]);
    expect(leases.size).toBe(0);
  });

  it.each([10, -10])("lasts its time on a PC whose clock is %i minutes fast, and when that is set", async (fast) => {
    const lease = await new Leases(fakeDoor(10, fast * 60_000)).begin(request);
    expect(lease.left).toBe(600_000);
    await vi.advanceTimersByTimeAsync(300_000);
    vi.setSystemTime(Date.now() - fast * 60_000);
    expect(lease.left).toBe(300_000);
    await vi.advanceTimersByTimeAsync(299_000);
    expect(lease.ended).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(lease.ended).toBe("expired");
  });

  it("is counted from when it was asked for: a slow answer makes it no longer", async () => {
    const door = fakeDoor(10);
    const answer = door.begin.bind(door);
    door.begin = async (r) => {
      const reply = await answer(r);
      await new Promise((done) => setTimeout(done, 7000));
      return reply;
    };
    const begun = new Leases(door).begin(request);
    await vi.advanceTimersByTimeAsync(7000);
    expect((await begun).left).toBe(593_000);
  });

  it("goes dark when a beat is refused because the lease is gone", async () => {
    const door = fakeDoor();
    const lease = await new Leases(door).begin(request);
    door.refuse = new Problem(410, "lease-ended", "");
    await lease.beat();
    expect(lease.ended).toBe("ended");
  });

  it("does not go dark because one beat was lost on the network", async () => {
    const door = fakeDoor();
    const lease = await new Leases(door).begin(request);
    door.refuse = new Problem(0, "unreachable", "");
    await lease.beat();
    expect(lease.ended).toBeNull();
  });

  it("hears its end from the journal, with the reason", async () => {
    const leases = new Leases(fakeDoor());
    const one = await leases.begin(request);
    const other = await leases.begin(request);
    leases.ended(one.look, "revoked");
    expect(one.ended).toBe("revoked");
    expect(other.ended).toBeNull();
  });

  it("is left when the page goes away, each exactly once", async () => {
    const door = fakeDoor();
    const leases = new Leases(door);
    await leases.begin(request);
    await leases.begin(request);
    leases.leaveAll();
    leases.leaveAll();
    expect(door.ends).toEqual(["lease-1", "lease-2"]);
  });

  it("tells a late listener at once", async () => {
    const lease = await new Leases(fakeDoor()).begin(request);
    lease.finish("shutdown");
    const why = vi.fn();
    lease.onEnd(why);
    expect(why).toHaveBeenCalledWith("shutdown");
  });
});
