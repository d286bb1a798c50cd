import { describe, expect, it } from "vitest";
import { clipName, wayOut } from "./clip";

describe("a clip's file", () => {
  it("has a name that every file system takes", () => {
    const at = new Date(2026, 10, 23, 18, 4, 5).getTime();
    expect(clipName("Gate 1/north: in", at)).toBe("Gate_1_north_in-20261123-180405");
    expect(clipName("gate", at, 1)).toBe("gate-20261123-180405-2");
  });

  it("leaves by the way that its size allows", () => {
    expect(wayOut(50e6, false)).toBe("memory");
    expect(wayOut(5e9, true)).toBe("picker");
    expect(wayOut(5e9, false)).toBe("browser");
    expect(wayOut(0, false)).toBe("browser");
  });
});
