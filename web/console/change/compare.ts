// Compares the same rectangle of two pictures. Light changes over a day and at night cameras turn to infrared, so what
// is compared is the pattern (correlation of brightness), with a little weight for colour; and before that, cell by
// cell, whether something small in it changed.
import { changedCells, median, rest } from "./cells";

/** A rectangle in shares of the picture: 0…1. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Pixels as a canvas gives them. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

export interface Print {
  grey: Float32Array;
  colour: [number, number, number];
}

const SIDE = 24;

/** Boils the rectangle down to 24 × 24 brightnesses and a mean colour. */
export function print(pixels: Pixels, area: Area): Print {
  const x0 = Math.floor(area.x * pixels.width);
  const y0 = Math.floor(area.y * pixels.height);
  const w = Math.max(1, Math.min(Math.round(area.width * pixels.width), pixels.width - x0));
  const h = Math.max(1, Math.min(Math.round(area.height * pixels.height), pixels.height - y0));
  const grey = new Float32Array(SIDE * SIDE);
  const count = new Float32Array(SIDE * SIDE);
  const sum: [number, number, number] = [0, 0, 0];
  for (let y = 0; y < h; y++) {
    const row = Math.floor((y * SIDE) / h) * SIDE;
    for (let x = 0; x < w; x++) {
      const p = ((y0 + y) * pixels.width + x0 + x) * 4;
      const r = pixels.data[p]!;
      const g = pixels.data[p + 1]!;
      const b = pixels.data[p + 2]!;
      const i = row + Math.floor((x * SIDE) / w);
      grey[i]! += 0.299 * r + 0.587 * g + 0.114 * b;
      count[i]! += 1;
      sum[0] += r;
      sum[1] += g;
      sum[2] += b;
    }
  }
  // A rectangle of fewer than 24 pixels leaves cells empty: they take their left neighbour's value.
  for (let i = 0; i < grey.length; i++) grey[i] = count[i]! > 0 ? grey[i]! / count[i]! : (grey[i - 1] ?? 0);
  const n = w * h;
  return { grey, colour: [sum[0] / n, sum[1] / n, sum[2] / n] };
}

/** 0: the same; 1: nothing in common. */
export function distance(a: Print, b: Print): number {
  const pattern = (1 - correlation(a.grey, b.grey)) / 2;
  const light = Math.min(1, Math.abs(mean(a.grey) - mean(b.grey)) / 128);
  const hue = Math.min(1, chroma(a.colour, b.colour) / 96);
  return 0.7 * pattern + 0.15 * light + 0.15 * hue;
}

/** Which of the two a picture looks like, and how surely. */
export function judge(sample: Print, before: Print, after: Print): { verdict: "before" | "after"; certainty: number } {
  // Where few cells changed between the two ends, only these say which of the two it is.
  const cells = changedCells(rest(before.grey, after.grey), SIDE);
  const toBefore = cells ? weighted(rest(before.grey, sample.grey), cells) : distance(sample, before);
  const toAfter = cells ? weighted(rest(after.grey, sample.grey), cells) : distance(sample, after);
  const sum = toBefore + toAfter;
  return {
    verdict: toBefore <= toAfter ? "before" : "after",
    certainty: sum === 0 ? 0 : Math.abs(toBefore - toAfter) / sum,
  };
}

/** Nothing changed between the two but the light: there is nothing to search for. */
export function alike(a: Print, b: Print): boolean {
  const left = rest(a.grey, b.grey);
  if (changedCells(left, SIDE)) return false;
  // A change of most of the rectangle leaves no calm cells to stand out of.
  const pattern = median(left) < BROAD ? 0 : (1 - correlation(a.grey, b.grey)) / 2;
  const light = Math.max(0, Math.abs(mean(a.grey) - mean(b.grey)) - CLOUD) / 128;
  const hue = Math.min(1, chroma(a.colour, b.colour) / 96);
  return 0.7 * pattern + 0.15 * light + 0.15 * hue < SAME;
}

/** Below this two prints differ by no more than the light. */
export const SAME = 0.04;
/** Grey levels by which the middle cell differs when most of the rectangle changed. */
const BROAD = 6;
/** Grey levels a cloud may take or give. */
const CLOUD = 64;

function weighted(v: Float32Array, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * weights[i]!;
  return sum;
}

function mean(v: Float32Array): number {
  let sum = 0;
  for (const x of v) sum += x;
  return sum / v.length;
}

function correlation(a: Float32Array, b: Float32Array): number {
  const ma = mean(a);
  const mb = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const da = a[i]! - ma;
    const db = b[i]! - mb;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  // A flat patch (variance below one grey level) has no pattern to compare: noise must not decide.
  const flat = a.length;
  if (aa < flat && bb < flat) return 1;
  if (aa < flat || bb < flat) return 0;
  return ab / Math.sqrt(aa * bb);
}

function chroma(a: [number, number, number], b: [number, number, number]): number {
  const ga = (a[0] + a[1] + a[2]) / 3;
  const gb = (b[0] + b[1] + b[2]) / 3;
  return Math.hypot(a[0] - ga - (b[0] - gb), a[1] - ga - (b[1] - gb), a[2] - ga - (b[2] - gb));
}
