// The map of real outlines, once an operator has imported some: drawn as it lies, without tiles or a network.
import type { components } from "../api/schema";
import type { CountyRow } from "./programme";

export type Outline = components["schemas"]["Outline"];
export type Pin = components["schemas"]["Pin"];
export type Point = [number, number];

/** Width of the drawing, in its own units; its height follows. */
export const WIDTH = 1000;
const EDGE = 12;

export interface Shape {
  county: CountyRow;
  path: string;
  lines: Point[][];
  /** Where its name stands, and how wide it is there. */
  x: number;
  y: number;
  room: number;
}

export interface Cluster {
  x: number;
  y: number;
  pins: Pin[];
}

export interface Drawing {
  height: number;
  shapes: Shape[];
  /** Counties without an outline. */
  rest: CountyRow[];
  at(p: { lon: number; lat: number }): { x: number; y: number };
}

/** Degrees become units: a degree of longitude is shorter than one of latitude, by the cosine of the middle. */
export function draw(outlines: Outline[], counties: CountyRow[]): Drawing {
  const of = new Map(outlines.map((o) => [o.place, rings(o)]));
  const shown = counties.filter((c) => of.has(c.county));
  let west = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  let south = west;
  let north = east;
  for (const c of shown) {
    for (const ring of of.get(c.county) ?? []) {
      for (const [lon, lat] of ring) {
        west = Math.min(west, lon);
        east = Math.max(east, lon);
        south = Math.min(south, lat);
        north = Math.max(north, lat);
      }
    }
  }
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180) || 1;
  const scale = (WIDTH - 2 * EDGE) / Math.max((east - west) * narrow, 1e-9);
  const place = (lon: number, lat: number): Point => [
    EDGE + (lon - west) * narrow * scale,
    EDGE + (north - lat) * scale,
  ];
  const shapes = shown.map((county): Shape => {
    const lines = (of.get(county.county) ?? []).map((ring) => ring.map(([lon, lat]) => place(lon, lat)));
    const path = lines.map((l) => `M${l.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`).join("");
    return { county, path, lines, ...label(lines) };
  });
  return {
    height: shown.length ? (north - south) * scale + 2 * EDGE : 0,
    shapes,
    rest: counties.filter((c) => !of.has(c.county)),
    at: (p) => {
      const [x, y] = place(p.lon, p.lat);
      return { x, y };
    },
  };
}

function rings(o: Outline): Point[][] {
  return (o.shape ?? []).flatMap((polygon) => (polygon ?? []) as unknown as Point[][]);
}

/** Where a level line runs inside. */
function inside(lines: Point[][], y: number): Point[] {
  const cuts: number[] = [];
  for (const line of lines) {
    for (let k = 0; k + 1 < line.length; k++) {
      const [x0, y0] = line[k]!;
      const [x1, y1] = line[k + 1]!;
      if (y0 > y !== y1 > y) cuts.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  cuts.sort((a, b) => a - b);
  const out: Point[] = [];
  for (let k = 0; k + 1 < cuts.length; k += 2) out.push([cuts[k]!, cuts[k + 1]!]);
  return out;
}

/** The middle of the widest level band inside that is so high to both sides: lines of text stand there. Low: none is so high. */
export function label(lines: Point[][], half = 30): { x: number; y: number; room: number; low: boolean } {
  const ys = lines.flat().map((p) => p[1]);
  const top = Math.min(...ys);
  const foot = Math.max(...ys);
  let best = { x: lines[0]?.[0]?.[0] ?? 0, y: top, room: 0, low: true };
  let most = -1;
  const steps = 48;
  for (let i = 1; i < steps; i++) {
    const y = top + ((foot - top) * i) / steps + 1e-6;
    for (const [a, b] of inside(lines, y)) {
      const [left, right, whole] = band(lines, y, half, a, b);
      // A county lower than the text has its name where it is widest.
      const room = whole ? right - left : (right - left) / 4;
      const edge = Math.min(y - top, foot - y);
      const good = Math.min(room, 3 * edge) + edge / 10; // of two that are as wide, the one further inside
      if (good > most) {
        most = good;
        best = { x: (left + right) / 2, y, room, low: !whole };
      }
    }
  }
  return best;
}

/** How wide a stretch stays up to its upper and lower edge, and whether it reaches them. */
function band(lines: Point[][], y: number, half: number, a: number, b: number): [number, number, boolean] {
  let [left, right] = [a, b];
  for (const away of [-1, -0.5, 0.5, 1]) {
    const shared = inside(lines, y + away * half)
      .map(([l, r]): Point => [Math.max(l, left), Math.min(r, right)])
      .sort((one, other) => other[1] - other[0] - (one[1] - one[0]))[0];
    if (!shared || shared[1] <= shared[0]) return [a, b, false];
    [left, right] = shared;
  }
  return [left, right, true];
}

/** The text of a county: its sign, its name, its rate. */
export interface Said {
  /** Where each is in its middle, and the line its letters stand on. */
  sign: { x: number; y: number };
  name: { x: number; y: number };
  /** None has room. */
  rate: { x: number; y: number } | null;
  /** Which of the ways it is; of none, its name under its sign. */
  way: number;
  size: number;
  small: number;
  /** How wide the name may be at most, where its county is narrower than it is. */
  most?: number;
}

/** What letters of a font take of their height, above the line they stand on. */
const ABOVE = 0.86;
/** How narrow letters may be drawn. */
const NARROW = 0.8;

/** A way to say a rate: how wide it is, and where the county's sign stands: on a line of its own, or before one of the two. */
export interface Way {
  rate: number;
  sign: "above" | "name" | "rate" | "none";
}

/**
 * Text that has to be read from afar: a name is at least `least` high, and a rate stands under it, in the first of the ways in which
 * no border runs through it. Widths are told in heights of letters.
 */
export function said(shape: Shape, text: { name: number; ways: Way[] }, least: number, small: number): Said {
  const gap = small * 0.1;
  const mark = small * 0.8;
  const beside = mark + gap;
  for (const [way, { rate, sign }] of text.ways.entries()) {
    const above = sign === "above" ? mark + gap : 0;
    const at = label(shape.lines, (above + least + gap + small) / 2);
    const wide = rate * small + (sign === "rate" ? beside : 0);
    if (at.low || at.room < wide * 1.05 || (sign === "name" && at.room < text.name * least + beside)) continue;
    return stood(at, way, sign, above, wide);
  }
  const sign = text.ways.some((w) => w.sign !== "none") ? "above" : "none";
  const above = sign === "above" ? mark + gap : 0;
  return stood(label(shape.lines, (above + least) / 2), -1, sign, above, 0);

  function stood(at: ReturnType<typeof label>, way: number, sign: Way["sign"], above: number, wide: number): Said {
    const free = sign === "name" ? at.room - beside : at.room;
    // Larger where the county is large, as far as it stays inside.
    const size = Math.min(least * 1.2, Math.max(least, (free * 0.94) / text.name));
    const top = at.y - (above + size + (wide ? gap + small : 0)) / 2;
    const name = { x: at.x + (sign === "name" ? beside / 2 : 0), y: top + above + size * ABOVE };
    const rate = { x: at.x + (sign === "rate" ? beside / 2 : 0), y: top + above + size + gap + small * ABOVE };
    const before = sign === "name" ? (text.name * size + beside) / 2 : wide / 2;
    const own = { x: at.x, y: top + mark * ABOVE };
    const is: Said = {
      sign: sign === "above" ? own : { x: at.x - before + mark / 2, y: sign === "name" ? name.y : rate.y },
      name,
      rate: wide ? rate : null,
      way,
      size,
      small,
    };
    const long = text.name * size;
    return long > free ? { ...is, most: Math.max(free, long * NARROW) } : is;
  }
}

/** Compounds that would lie upon one another stand together with their number. */
export function cluster(pins: Pin[], at: Drawing["at"], cell: number): Cluster[] {
  const out = new Map<string, Cluster>();
  for (const pin of pins) {
    const { x, y } = at(pin);
    const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
    const c = out.get(key);
    if (!c) {
      out.set(key, { x, y, pins: [pin] });
      continue;
    }
    const n = c.pins.length;
    c.x = (c.x * n + x) / (n + 1);
    c.y = (c.y * n + y) / (n + 1);
    c.pins.push(pin);
  }
  return [...out.values()];
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Moves boxes that lie upon one another up and down, each as little as that takes and no further than `most`; answers by how much.
 * What cannot be parted within that stays as near to it as it came.
 */
export function apart(boxes: readonly Box[], most: number): number[] {
  const by = boxes.map(() => 0);
  for (let turn = 0, moved = true; moved && turn < 80; turn++) {
    moved = false;
    for (const [i, a] of boxes.entries()) {
      for (let j = i + 1; j < boxes.length; j++) {
        const b = boxes[j]!;
        if (Math.min(a.right, b.right) <= Math.max(a.left, b.left)) continue;
        const over = Math.min(a.bottom + by[i]!, b.bottom + by[j]!) - Math.max(a.top + by[i]!, b.top + by[j]!);
        if (over <= 0.5) continue;
        const first = a.top + a.bottom + 2 * by[i]! <= b.top + b.bottom + 2 * by[j]!;
        const [up, down] = first ? [i, j] : [j, i];
        by[up] = Math.max(-most, by[up]! - over / 2);
        by[down] = Math.min(most, by[down]! + over / 2);
        moved = true;
      }
    }
  }
  return by;
}

/** The nearest place where a sign that reaches r lies on none of some boxes; none where three moves do not lead to one. */
export function beyond(p: { x: number; y: number }, boxes: Box[], r = 0): { x: number; y: number } | null {
  let best: { x: number; y: number } | null = null;
  let least = Number.POSITIVE_INFINITY;
  const step = (x: number, y: number, moves: number): void => {
    const far = Math.hypot(x - p.x, y - p.y);
    if (far >= least) return;
    const on = boxes.find((b) => x > b.left - r && x < b.right + r && y > b.top - r && y < b.bottom + r);
    if (!on) {
      best = { x, y };
      least = far;
      return;
    }
    if (moves === 3) return;
    step(x, on.top - r, moves + 1);
    step(x, on.bottom + r, moves + 1);
    step(on.left - r, y, moves + 1);
    step(on.right + r, y, moves + 1);
  };
  step(p.x, p.y, 0);
  return best;
}

/** Signs beside the names. What finds no room there, or would lie on another sign, stands together with the nearest one. */
export function clear(all: Cluster[], boxes: Box[], reach: (c: Cluster) => number): Cluster[] {
  const out: Cluster[] = [];
  const homeless: Cluster[] = [];
  for (const c of all) {
    const at = beyond(c, boxes, reach(c));
    if (!at) homeless.push(c);
    else {
      const near = nearest(out, at);
      if (near && Math.hypot(near.x - at.x, near.y - at.y) < reach(near) + reach(c)) near.pins.push(...c.pins);
      else out.push({ ...at, pins: [...c.pins] });
    }
  }
  // Where nothing has room, all stay where they are: better on a name than nowhere.
  if (out.length === 0) return all;
  for (const c of homeless) nearest(out, c)!.pins.push(...c.pins);
  return out;
}

function nearest(all: Cluster[], to: { x: number; y: number }): Cluster | undefined {
  const far = (c: Cluster) => Math.hypot(c.x - to.x, c.y - to.y);
  return all.reduce<Cluster | undefined>((best, c) => (!best || far(c) < far(best) ? c : best), undefined);
}

/** What an arrow key leads to: the nearest one that way. */
export function beside<T extends { x: number; y: number }>(all: T[], from: T, key: string): T | undefined {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  if (!dx && !dy) return undefined;
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const s of all) {
    const along = (s.x - from.x) * dx! + (s.y - from.y) * dy!;
    const across = Math.abs((s.x - from.x) * dy!) + Math.abs((s.y - from.y) * dx!);
    const far = along + across * 2;
    if (along > 1 && far < least) {
      least = far;
      best = s;
    }
  }
  return best;
}

/** A part of the drawing that is looked at. */
export interface View {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** The part in which all of some points lie, with room around them, in the shape of the drawing; never less than a twelfth of it. */
export function around(points: { x: number; y: number }[], height: number): View {
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const wide = Math.max(...xs) - Math.min(...xs);
  const high = Math.max(...ys) - Math.min(...ys);
  const w = Math.min(WIDTH, Math.max(WIDTH / 12, wide * 1.4, (high * 1.4 * WIDTH) / height));
  const h = (w * height) / WIDTH;
  const within = (middle: number, size: number, most: number) => Math.min(Math.max(0, middle - size / 2), most - size);
  return {
    x: within((Math.max(...xs) + Math.min(...xs)) / 2, w, WIDTH),
    y: within((Math.max(...ys) + Math.min(...ys)) / 2, h, height),
    w,
    h,
  };
}

/** The worst of some lights; none where none is known. */
export function worstLight(lights: (string | undefined)[]): string {
  return ["red", "yellow", "blue", "green"].find((l) => lights.includes(l)) ?? "none";
}
