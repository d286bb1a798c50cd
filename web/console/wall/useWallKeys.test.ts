import { describe, expect, it, vi } from "vitest";
import { pressed, type WallActions } from "./useWallKeys";

function wall(selected: string | null = "gate"): WallActions {
  return {
    layout: vi.fn(() => "4"),
    tiles: vi.fn(() => ["gate", "road", "yard", undefined]),
    selected: vi.fn(() => selected),
    select: vi.fn(),
    setLayout: vi.fn(),
    turnPage: vi.fn(),
    move: vi.fn(),
    open: vi.fn(),
    fullScreen: vi.fn(),
    mark: vi.fn(),
    help: vi.fn(),
  } as never;
}

const key = (name: string, shiftKey = false) => ({
  key: name,
  shiftKey,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
});

describe("keys of the wall", () => {
  it("arrows choose, Shift and arrows carry", () => {
    const w = wall();
    pressed(key("ArrowRight"), w);
    expect(w.select).toHaveBeenCalledWith("road");
    pressed(key("ArrowDown", true), w);
    expect(w.move).toHaveBeenCalledWith("gate", "yard");
  });

  it("do not walk into an empty place", () => {
    const w = wall("yard");
    pressed(key("ArrowRight"), w);
    expect(w.select).not.toHaveBeenCalled();
  });

  it("1 to 5 are the layouts", () => {
    const w = wall();
    for (const n of ["1", "2", "3", "4", "5"]) expect(pressed(key(n), w)).toBe(true);
    expect(vi.mocked(w.setLayout).mock.calls.map(([l]) => l)).toEqual(["1", "4", "9", "16", "focus"]);
    expect(pressed(key("6"), w)).toBe(false);
  });

  it("M marks the chosen camera, F fills the screen", () => {
    const w = wall("road");
    pressed(key("m"), w);
    pressed(key("F"), w);
    expect(w.mark).toHaveBeenCalledWith("road");
    expect(w.fullScreen).toHaveBeenCalled();
  });

  it("M without a choice means every picture of the page", () => {
    for (const chosen of [null, "on another page"]) {
      const w = wall(chosen);
      pressed(key("m"), w);
      expect(w.mark).toHaveBeenCalledWith(null);
    }
  });

  it("leave the browser's own shortcuts alone", () => {
    const w = wall();
    expect(pressed({ ...key("f"), ctrlKey: true }, w)).toBe(false);
    expect(w.fullScreen).not.toHaveBeenCalled();
  });
});
