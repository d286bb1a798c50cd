import { describe, expect, it, vi } from "vitest";
import { clipName, saveClip, wayOut } from "./clip";

describe("a clip's file", () => {
  it("has a name that every file system takes", () => {
    const at = Date.parse("2026-11-23T18:04:05+08:00");
    expect(clipName("Gate 1/north: in", at)).toBe("Gate_1_north_in-20261123-180405");
    expect(clipName("gate", at, 1)).toBe("gate-20261123-180405-2");
  });

  it("leaves by the way that its size allows", () => {
    expect(wayOut(50e6, false)).toBe("memory");
    expect(wayOut(5e9, true)).toBe("picker");
    expect(wayOut(5e9, false)).toBe("browser");
    expect(wayOut(0, false)).toBe("browser");
  });

  it("of a size that only the browser can hold is handed to it, and that is said", async () => {
    const links: { href: string; download: string }[] = [];
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", {
      body: { append: (link: never) => links.push(link) },
      createElement: () => ({ click: () => {}, remove: () => {} }),
    });
    const way = await saveClip(
      { url: "/media/x/export.mp4", name: "gate.mp4", size: 5e9 },
      () => {},
      new AbortController().signal,
    );
    expect(way).toBe("handed");
    expect(links).toMatchObject([{ href: "/media/x/export.mp4", download: "gate.mp4" }]);
    vi.unstubAllGlobals();
  });
});
