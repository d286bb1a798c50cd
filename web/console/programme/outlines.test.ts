import { describe, expect, it } from "vitest";
import {
  apart,
  around,
  beside,
  beyond,
  clear,
  cluster,
  draw,
  label,
  type Outline,
  type Shape,
  said,
  WIDTH,
  worstLight,
} from "./outlines";
import type { CountyRow } from "./programme";

const county = (id: string) => ({ county: id, name: id, light: "green", rate: 500 }) as unknown as CountyRow;
const square = (place: string, west: number, south: number) =>
  ({
    place,
    shape: [
      [
        [
          [west, south],
          [west + 1, south],
          [west + 1, south + 1],
          [west, south + 1],
          [west, south],
        ],
      ],
    ],
  }) as unknown as Outline;

describe("the map of outlines", () => {
  const d = draw(
    [square("a", 118, 34), square("b", 119, 34), square("c", 118, 35)],
    [county("a"), county("b"), county("c"), county("d")],
  );

  it("draws what has an outline, and names what has none", () => {
    expect(d.shapes.map((s) => s.county.county)).toEqual(["a", "b", "c"]);
    expect(d.rest.map((c) => c.county)).toEqual(["d"]);
    expect(d.at({ lon: 118, lat: 36 })).toEqual({ x: 12, y: 12 });
    expect(d.at({ lon: 120, lat: 36 }).x).toBeCloseTo(WIDTH - 12);
    // At 35 degrees north a degree of latitude is longer than one of longitude.
    expect(d.height).toBeGreaterThan(WIDTH);
  });

  it("leads from county to county by arrows, and stops at the edge", () => {
    const [a, b, c] = d.shapes;
    expect(beside(d.shapes, a!, "ArrowRight")).toBe(b);
    expect(beside(d.shapes, a!, "ArrowUp")).toBe(c);
    expect(beside(d.shapes, b!, "ArrowRight")).toBeUndefined();
    expect(beside(d.shapes, b!, "Enter")).toBeUndefined();
  });

  it("puts the name inside, where there is room", () => {
    // A hook: wide at the foot, narrow above.
    const hook: [number, number][] = [
      [0, 0],
      [20, 0],
      [20, 160],
      [200, 160],
      [200, 300],
      [0, 300],
      [0, 0],
    ];
    const at = label([hook]);
    expect(at.y).toBeGreaterThan(160);
    expect(at.room).toBeCloseTo(200);
  });

  it("gathers compounds that lie upon one another", () => {
    const pin = (compound: string, lon: number, lat: number) => ({ compound, name: compound, lon, lat });
    const all = cluster([pin("1", 118.1, 34.1), pin("2", 118.1001, 34.1001), pin("3", 119.5, 34.5)], d.at, 60);
    expect(all.map((c) => c.pins.length).sort()).toEqual([1, 2]);
  });
});

describe("looking closer", () => {
  it("shows all of a cluster, in the shape of the drawing, within its edges", () => {
    const v = around(
      [
        { x: 400, y: 300 },
        { x: 500, y: 320 },
      ],
      800,
    );
    expect(v.w / v.h).toBeCloseTo(1000 / 800);
    expect(v.x).toBeLessThan(400);
    expect(v.x + v.w).toBeGreaterThan(500);
    const corner = around([{ x: 2, y: 798 }], 800);
    expect([corner.x, corner.y + corner.h, corner.w]).toEqual([0, 800, 1000 / 12]);
    expect(
      around(
        [
          { x: 0, y: 0 },
          { x: 1000, y: 800 },
        ],
        800,
      ),
    ).toEqual({ x: 0, y: 0, w: 1000, h: 800 });
  });

  it("gives a cluster the worst of its lights", () => {
    expect(worstLight(["green", "yellow", "blue"])).toBe("yellow");
    expect(worstLight(["green", undefined])).toBe("green");
    expect(worstLight([undefined])).toBe("none");
  });
});

describe("text that is read from afar", () => {
  const shape = (w: number, h: number) =>
    ({
      lines: [
        [
          [0, 0],
          [w, 0],
          [w, h],
          [0, h],
          [0, 0],
        ],
      ],
      county: county("a"),
      path: "",
      x: 0,
      y: 0,
      room: 0,
    }) as unknown as Shape;
  const exact = { rate: 2.9, sign: "above" } as const;
  const text = { name: 2, ways: [exact] };
  const whole = 1.74;
  const ways = [exact, ...(["above", "rate", "name"] as const).map((sign) => ({ rate: whole, sign }))];
  const tried = (w: number, h: number) => said(shape(w, h), { name: 2, ways }, 60, 42);

  it("is never smaller than what can be read, and larger where there is room", () => {
    for (const [w, h] of [
      [40, 40],
      [130, 160],
      [600, 600],
    ] as const)
      expect(said(shape(w, h), text, 60, 42).size).toBeGreaterThanOrEqual(60);
    expect(said(shape(600, 600), text, 60, 42).size).toBeCloseTo(72);
  });

  it("tells the rate only where it stays inside", () => {
    const wide = said(shape(160, 200), text, 60, 42);
    expect(wide.rate!.y).toBeGreaterThan(wide.name.y);
    expect(wide.rate!.y).toBeLessThan(200);
    expect(wide.sign.y - 42 * 0.8).toBeGreaterThan(0);
    expect(said(shape(100, 200), text, 60, 42).rate).toBeNull(); // too narrow
    expect(said(shape(400, 100), text, 60, 42).rate).toBeNull(); // too low for three lines
  });

  it("tells it in the first way that has room: exactly, in brief, and with the sign on no line of its own", () => {
    expect([tried(160, 200), tried(120, 200), tried(400, 115), tried(165, 115)].map((s) => s.way)).toEqual([
      0, 1, 2, 2,
    ]);
    const beside = tried(160, 115);
    expect(beside.sign.y).toBe(beside.rate!.y);
    expect(beside.rate!.x - (whole * 42) / 2).toBeGreaterThan(beside.sign.x + (42 * 0.8) / 2);
    // Before the name: where that is narrower than the two beside each other.
    const only = said(
      shape(180, 115),
      {
        name: 2,
        ways: [
          { rate: 4, sign: "rate" },
          { rate: 4, sign: "name" },
        ],
      },
      60,
      42,
    );
    expect(only.way).toBe(1);
    expect(only.sign.y).toBe(only.name.y);
    expect(only.name.x - only.size).toBeGreaterThan(only.sign.x + (42 * 0.8) / 2);
    expect(tried(60, 115)).toMatchObject({ way: -1, rate: null });
    // Where there is no sign, none takes room.
    expect(said(shape(120, 115), { name: 2, ways: [{ rate: 1.74, sign: "none" }] }, 60, 42).way).toBe(0);
  });

  it("draws a long name narrower, but not beyond recognition", () => {
    expect(said(shape(300, 200), { ...text, name: 5 }, 42, 42).most).toBeUndefined();
    expect(said(shape(190, 200), { ...text, name: 5 }, 42, 42).most).toBeCloseTo(190);
    expect(said(shape(100, 200), { ...text, name: 5 }, 42, 42).most).toBeCloseTo(42 * 5 * 0.8);
  });
});

describe("signs and names", () => {
  const name = { left: 10, right: 50, top: 20, bottom: 40 };
  const sign = (x: number, y: number, ...compounds: string[]) => ({
    x,
    y,
    pins: compounds.map((compound) => ({ compound, name: compound, lon: 0, lat: 0 })),
  });
  const lies = (c: { x: number; y: number }, b: typeof name, r: number) =>
    c.x > b.left - r && c.x < b.right + r && c.y > b.top - r && c.y < b.bottom + r;

  /** Bricks without a gap that a sign fits into. */
  const wall = Array.from({ length: 300 }, (_, i) => ({
    left: (i % 15) * 20,
    right: (i % 15) * 20 + 19,
    top: Math.floor(i / 15) * 20,
    bottom: Math.floor(i / 15) * 20 + 19,
  }));

  it("moves a sign off a name to the nearest of its four sides, all of it, and leaves the others", () => {
    expect(beyond({ x: 30, y: 25 }, [name])).toEqual({ x: 30, y: 20 });
    expect(beyond({ x: 30, y: 35 }, [name])).toEqual({ x: 30, y: 40 });
    expect(beyond({ x: 12, y: 30 }, [name])).toEqual({ x: 10, y: 30 });
    expect(beyond({ x: 49, y: 30 }, [name])).toEqual({ x: 50, y: 30 });
    expect(beyond({ x: 60, y: 25 }, [name])).toEqual({ x: 60, y: 25 });
    // Its middle beside the name is not enough.
    expect(beyond({ x: 52, y: 30 }, [name], 7)).toEqual({ x: 57, y: 30 });
  });

  it("does not push it into the next name", () => {
    const below = { left: 10, right: 50, top: 44, bottom: 64 };
    const at = beyond({ x: 30, y: 38 }, [name, below], 3)!;
    expect([lies(at, name, 3), lies(at, below, 3)]).toEqual([false, false]);
  });

  it("lets what finds no room stand with its nearest neighbour, and loses no compound", () => {
    expect(beyond({ x: 150, y: 150 }, wall, 5)).toBeNull();
    const out = clear([sign(150, 150, "a", "b"), sign(320, 140, "c"), sign(900, 900, "d")], wall, () => 5);
    expect(out.map((c) => [c.x, c.pins.map((p) => p.compound)])).toEqual([
      [320, ["c", "a", "b"]],
      [900, ["d"]],
    ]);
  });

  it("lets two that would lie on one another after the move stand together", () => {
    const out = clear([sign(30, 25, "a"), sign(31, 22, "b")], [name], () => 4);
    expect(out).toHaveLength(1);
    expect(out[0]!.pins.map((p) => p.compound)).toEqual(["a", "b"]);
    expect(lies(out[0]!, name, 4)).toBe(false);
  });

  it("leaves all where they are when no sign has room", () => {
    const all = [sign(150, 150, "a")];
    expect(clear(all, wall, () => 5)).toBe(all);
    expect(all[0]!.pins).toHaveLength(1);
  });
});

describe("names that lie upon one another", () => {
  const box = (x: number, y: number) => ({ left: x, right: x + 100, top: y, bottom: y + 40 });
  const overlaps = (boxes: ReturnType<typeof box>[], by: number[]) =>
    boxes.flatMap((a, i) =>
      boxes.filter(
        (b, j) =>
          j > i &&
          Math.min(a.right, b.right) > Math.max(a.left, b.left) &&
          Math.min(a.bottom + by[i]!, b.bottom + by[j]!) - Math.max(a.top + by[i]!, b.top + by[j]!) > 0.5,
      ),
    );

  it("are parted by no more than it takes; the others stay", () => {
    const boxes = [box(0, 0), box(60, 30), box(300, 0), box(90, 62)];
    expect(overlaps(boxes, [0, 0, 0, 0])).toHaveLength(2);
    const by = apart(boxes, 40);
    expect(overlaps(boxes, by)).toHaveLength(0);
    expect(by[2]).toBe(0);
    for (const one of by) expect(Math.abs(one)).toBeLessThan(20);
  });

  it("go no further than they may, and end", () => {
    const by = apart([box(0, 0), box(0, 0), box(0, 0), box(0, 0)], 15);
    for (const one of by) expect(Math.abs(one)).toBeLessThanOrEqual(15);
    expect(apart([], 10)).toEqual([]);
  });
});
