import { describe, expect, it } from "vitest";
import { playable, type Streams, streamAt } from "./streams";

const MIN = 60_000;
/** The main stream came back two seconds after the sub stream, and of the first ten minutes only the sub stream is left. */
const camera: Streams = {
  main: [
    { from: 10 * MIN, to: 20 * MIN },
    { from: 30 * MIN + 2000, to: 40 * MIN },
  ],
  sub: [
    { from: 0, to: 20 * MIN + 1000 },
    { from: 30 * MIN, to: 40 * MIN },
  ],
};

describe("two streams of one camera", () => {
  it("shows the preferred one wherever it is", () => {
    expect(streamAt(camera, "main", 15 * MIN)).toBe("main");
    expect(streamAt(camera, "sub", 15 * MIN)).toBe("sub");
  });
  it("changes to the other where only that is left", () => {
    expect(streamAt(camera, "main", 5 * MIN)).toBe("sub");
    expect(playable(camera, "main")[0]).toEqual({ from: 0, to: 10 * MIN });
  });
  it("does not change for the two seconds at the edge of a gap, and does not call them footage", () => {
    expect(streamAt(camera, "main", 30 * MIN + 500)).toBe("main");
    expect(playable(camera, "main").map((s) => s.from)).toEqual([0, 10 * MIN, 30 * MIN + 2000]);
  });
  it("needs nothing of a camera with one stream", () => {
    const one: Streams = { main: camera.main, sub: [] };
    expect(playable(one, "main")).toBe(camera.main);
    expect(streamAt(one, "main", 5 * MIN)).toBe("main");
  });
});
