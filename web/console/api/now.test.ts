import { describe, expect, it } from "vitest";
import { ServerClock } from "./now";

const NOON = Date.parse("2026-11-28T12:00:00Z");
const MINUTE = 60_000;

/** A PC whose clock is so much fast, and a server that answers after so long; what is between them takes half each way. */
function pair(fast: number) {
  let passed = 0;
  let right = NOON;
  let pc = NOON + fast;
  const clock = new ServerClock(
    () => passed,
    () => pc,
  );
  const pass = (ms: number) => {
    passed += ms;
    right += ms;
    pc += ms;
  };
  return {
    clock,
    pass,
    /** Whoever keeps them sets one of the two. */
    set: (which: "pc" | "server", by: number) => {
      if (which === "pc") pc += by;
      else right += by;
    },
    ask(way: number, back = way) {
      const asked = passed;
      pass(way);
      const date = new Date(right).toUTCString();
      pass(back);
      clock.heard(date, asked, passed);
    },
    wrong: () => Math.abs(clock.now() - right),
  };
}

describe("the server's clock, as a page knows it", () => {
  it.each([
    ["ten minutes fast", 10 * MINUTE],
    ["ten minutes slow", -10 * MINUTE],
    ["right", 0],
  ])("is right at once and better with each reply, on a PC that is %s", (_, fast) => {
    const p = pair(fast);
    p.pass(417);
    p.ask(20);
    expect(p.wrong()).toBeLessThan(550);
    for (let i = 0; i < 40; i++) {
      p.pass(700 + 37 * i);
      p.ask(20);
    }
    expect(p.wrong()).toBeLessThan(80);
    expect(Math.round(p.clock.pcOff() / 1000)).toBe(fast / 1000);
  });

  it("is not misled by replies that were on their way for long", () => {
    const p = pair(10 * MINUTE);
    for (let i = 0; i < 20; i++) {
      p.pass(777);
      p.ask(20);
    }
    const before = p.wrong();
    p.ask(9000, 10);
    p.ask(10, 9000);
    expect(p.wrong()).toBeLessThan(before + 40);
  });

  it("goes on when the PC's clock is set, and does not go back between replies", () => {
    const p = pair(0);
    p.ask(10);
    let last = p.clock.now();
    p.set("pc", -20 * MINUTE);
    for (let i = 0; i < 50; i++) {
      p.pass(100);
      expect(p.clock.now()).toBeGreaterThan(last);
      last = p.clock.now();
    }
    expect(p.wrong()).toBeLessThan(520);
    expect(Math.round(p.clock.pcOff() / MINUTE)).toBe(-20);
  });

  it("follows the server's when that is set", () => {
    const p = pair(0);
    for (let i = 0; i < 10; i++) {
      p.pass(500);
      p.ask(20);
    }
    p.set("server", 3 * MINUTE);
    p.ask(20);
    expect(p.wrong()).toBeLessThan(550);
  });

  it("is the PC's until the server has said anything, and of that nothing is said", () => {
    const p = pair(10 * MINUTE);
    expect(p.clock.now()).toBe(NOON + 10 * MINUTE);
    p.clock.heard(null, 0, 1);
    p.clock.heard("soon", 0, 1);
    expect(p.clock.now()).toBe(NOON + 10 * MINUTE);
    expect(p.clock.pcOff()).toBe(0);
  });

  it("says nothing of a PC that is off by less than half a minute, or may be", () => {
    const p = pair(29_000);
    p.ask(20);
    expect(p.clock.pcOff()).toBe(0);
    const slow = pair(45_000);
    slow.ask(20_000, 10); // somewhere between 24 and 46 s
    expect(slow.clock.pcOff()).toBe(0);
    slow.ask(20);
    expect(slow.clock.pcOff()).toBeGreaterThan(40_000);
  });
});
