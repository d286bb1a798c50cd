import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Player, type PlayerState } from "./player";
import type { Track } from "./track";

/** A track whose video runs on the fake clock. */
function fake(spans: { from: number; to: number }[], startLag = 0, end = Number.POSITIVE_INFINITY) {
  let position = 0;
  const video = {
    paused: true,
    seeking: false,
    playbackRate: 1,
    play() {
      this.paused = false;
      return Promise.resolve();
    },
    pause() {
      this.paused = true;
    },
  };
  const track = {
    video,
    loading: false,
    seeks: [] as number[],
    get position() {
      return position;
    },
    standing(t: number) {
      if (track.loading) return "loading";
      return spans.some((s) => t >= s.from && t < s.to) ? "ready" : "gap";
    },
    readyUntil: () => end,
    async seek(t: number) {
      track.seeks.push(t);
      position = t + startLag;
    },
    pump: async () => {},
    setSpeed: () => false,
    rate: (speed: number) => speed,
    known: [],
    neighbourFrame: (d: 1 | -1) => position + d * 40,
    close() {},
  };
  const clock = setInterval(() => {
    // As a video element does: at the end of what it has the picture stands, without a pause.
    if (!video.paused) position = Math.min(end - 10, position + 10 * video.playbackRate);
  }, 10);
  return { track: track as unknown as Track & typeof track, spans: () => spans, stop: () => clearInterval(clock) };
}

describe("playing in step", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("runs at the speed asked for", async () => {
    let state: PlayerState | undefined;
    const player = new Player(1_000_000, (s) => {
      state = s;
    });
    const one = fake([{ from: 0, to: 9e9 }]);
    player.add("gate", one);
    player.setSpeed(2);
    player.play();
    await vi.advanceTimersByTimeAsync(3000);
    expect(state!.wall).toBeGreaterThan(1_000_000 + 5500);
    expect(state!.wall).toBeLessThan(1_000_000 + 6500);
    player.close();
  });

  it("takes each step from where the one before arrived, however fast they are asked for", async () => {
    const player = new Player(1_000_000, () => {});
    const one = fake([{ from: 0, to: 9e9 }]);
    player.add("gate", one);
    await vi.advanceTimersByTimeAsync(100);
    const { seek } = one.track;
    one.track.seek = async (t: number) => {
      await new Promise((done) => setTimeout(done, 50)); // a picture takes its time
      await seek(t);
    };
    const begin = player.at;
    const asked = [1, 1, 1, -1].map((d) => player.step(d as 1 | -1));
    await vi.advanceTimersByTimeAsync(20);
    expect(player.at).toBe(begin + 40);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await Promise.all(asked)).toEqual([true, true, true, true]);
    expect(player.at).toBe(begin + 80);
    player.close();
  });

  it("waits for the slowest, and all go on together", async () => {
    let state: PlayerState | undefined;
    const player = new Player(1_000_000, (s) => {
      state = s;
    });
    const one = fake([{ from: 0, to: 9e9 }]);
    const two = fake([{ from: 0, to: 9e9 }]);
    player.add("gate", one);
    player.add("road", two);
    two.track.loading = true;
    player.play();
    await vi.advanceTimersByTimeAsync(2000);
    expect(state!.wall).toBe(1_000_000);
    expect(state!.waiting).toBe(true);
    expect(one.track.video.paused).toBe(true);
    two.track.loading = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(state!.waiting).toBe(false);
    expect(state!.wall).toBeGreaterThan(1_001_500);
    player.close();
  });

  it("does not stand still where the leader's footage ends and another's goes on", async () => {
    let state: PlayerState | undefined;
    const player = new Player(1_000_000, (s) => {
      state = s;
    });
    const short = fake([{ from: 0, to: 1_002_000 }], 0, 1_002_000);
    const long = fake([{ from: 0, to: 9e9 }]);
    player.add("gate", short);
    player.add("yard", long);
    player.play();
    await vi.advanceTimersByTimeAsync(6000);
    expect(state!.wall).toBeGreaterThan(1_005_500);
    expect(short.track.video.paused).toBe(true);
    player.close();
    short.stop();
    long.stop();
  });

  it("pulls a follower that lags back into step without a jump", async () => {
    const player = new Player(1_000_000, () => {});
    const lead = fake([{ from: 0, to: 9e9 }]);
    const slow = fake([{ from: 0, to: 9e9 }], -200);
    player.add("gate", lead);
    player.add("road", slow);
    player.play();
    await vi.advanceTimersByTimeAsync(300);
    expect(slow.track.video.playbackRate).toBeGreaterThan(1);
    await vi.advanceTimersByTimeAsync(8000);
    expect(Math.abs(slow.track.position - lead.track.position)).toBeLessThan(80);
    expect(slow.track.seeks).toEqual([1_000_000]);
    player.close();
  });

  it("goes on when one camera has no footage, and jumps when none has", async () => {
    const skipped: [number, number][] = [];
    const player = new Player(
      1_000_000,
      () => {},
      (a, b) => skipped.push([a, b]),
    );
    const gate = fake([
      { from: 0, to: 1_002_000 },
      { from: 1_060_000, to: 9e9 },
    ]);
    const road = fake([
      { from: 0, to: 1_001_000 },
      { from: 1_090_000, to: 9e9 },
    ]);
    player.add("gate", gate);
    player.add("road", road);
    player.play();
    await vi.advanceTimersByTimeAsync(1500);
    expect(road.track.video.paused).toBe(true);
    expect(gate.track.video.paused).toBe(false);
    await vi.advanceTimersByTimeAsync(1500);
    expect(skipped.length).toBe(1);
    expect(skipped[0]![1]).toBe(1_060_000);
    expect(player.at).toBeGreaterThanOrEqual(1_060_000);
    player.close();
  });

  it("stops at the end of all footage", async () => {
    let state: PlayerState | undefined;
    const player = new Player(1_000_000, (s) => {
      state = s;
    });
    player.add("gate", fake([{ from: 0, to: 1_001_000 }]));
    player.play();
    await vi.advanceTimersByTimeAsync(3000);
    expect(state!.playing).toBe(false);
    expect(state!.ended).toBe(true);
    player.close();
  });
});
