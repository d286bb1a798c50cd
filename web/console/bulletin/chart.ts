import type { components } from "../api/schema";

type Grid = components["schemas"]["Grid"];
type Chart = components["schemas"]["Chart"];

/** Where everything of a chart stands, in the units of its picture. */
export interface Drawing {
  wide: number;
  high: number;
  names: string[];
  labels: { x: number; y: number; text: string; middle?: boolean }[];
  bars: { series: number; x: number; y: number; wide: number; high: number; text: string }[];
  grid: { x: number; y: number; text: string }[];
  lines: { points: string; x: number; y: number; text: string }[];
}

const WIDE = 720;
const BAR = 10;
const FONT = 11;

/** A cell as a number: 1,524 and 64.4% are; what is none is 0. */
export function value(cell: string | undefined): number {
  const n = Number.parseFloat((cell ?? "").replace(/,/g, "").replace(/^\+/, ""));
  return Number.isFinite(n) ? n : 0;
}

/** How wide a text is, roughly: a Chinese character is as wide as its font is high. */
export function width(text: string): number {
  let n = 0;
  for (const c of text) n += (c.codePointAt(0) ?? 0) > 0x2e80 ? 1 : 0.58;
  return n * FONT;
}

/** The next of 1, 2, 5, 10, 20 …, so that a scale has round steps. */
export function nice(v: number): number {
  if (v <= 1) return 1;
  const ten = 10 ** Math.floor(Math.log10(v));
  return [1, 2, 5, 10].map((m) => m * ten).find((step) => v <= step) ?? 10 * ten;
}

export function draw(grid: Grid, chart: Chart): Drawing {
  const columns = chart.columns ?? [];
  const rows = grid.rows ?? [];
  const d: Drawing = {
    wide: WIDE,
    high: 0,
    names: columns.map((c) => grid.head?.[c] ?? ""),
    labels: [],
    bars: [],
    grid: [],
    lines: [],
  };
  const most = Math.max(0, ...rows.flatMap((r) => columns.map((c) => value(r[c]))));
  return chart.lines ? lines(d, rows, chart, columns, most) : bars(d, rows, chart, columns, most);
}

function bars(d: Drawing, rows: string[][], chart: Chart, columns: number[], most: number): Drawing {
  const left = Math.min(WIDE / 3, Math.max(0, ...rows.map((r) => width(r[chart.label] ?? "")))) + 12;
  const ends = Math.max(0, ...rows.flatMap((r) => columns.map((c) => width(r[c] ?? "")))) + 12;
  const shares = rows.some((r) => columns.some((c) => r[c]?.endsWith("%")));
  const top = Math.max(shares ? 100 : 0, most) || 1;
  const each = columns.length * BAR + 8;
  rows.forEach((r, n) => {
    d.labels.push({ x: left - 8, y: n * each + 4 + (columns.length * BAR) / 2, text: r[chart.label] ?? "" });
    columns.forEach((c, series) => {
      const wide = (Math.max(0, value(r[c])) / top) * (WIDE - left - ends);
      d.bars.push({ series, x: left, y: n * each + 4 + series * BAR, wide, high: BAR - 1, text: r[c] ?? "" });
    });
  });
  d.high = rows.length * each + 4;
  return d;
}

function lines(d: Drawing, rows: string[][], chart: Chart, columns: number[], most: number): Drawing {
  const step = nice(most / 5);
  const top = Math.max(step, Math.ceil(most / step) * step);
  const left = width(String(top)) + 14;
  const right = WIDE - 56;
  const low = 236;
  const at = (v: number) => low - (v / top) * (low - 12);
  const x = (i: number) => left + (i * (right - left)) / Math.max(1, rows.length - 1);
  for (let v = 0; v <= top + step / 2; v += step) d.grid.push({ x: left, y: at(v), text: String(v) });
  const every = Math.max(1, Math.floor((rows.length + 5) / 6));
  for (let i = rows.length - 1; i >= 0; i -= every) {
    const text = rows[i]?.[chart.label] ?? "";
    d.labels.push({ x: Math.max(x(i), width(text) / 2), y: low + 16, text, middle: true });
  }
  let above = Number.NEGATIVE_INFINITY; // the names at the ends stand clear of each other
  const ends = columns
    .map((c, n) => ({ n, y: at(value(rows[rows.length - 1]?.[c])), text: rows[rows.length - 1]?.[c] ?? "" }))
    .sort((a, b) => a.y - b.y)
    .map((e) => {
      above = Math.max(e.y, above + FONT + 1);
      return { ...e, y: above };
    });
  columns.forEach((c, n) => {
    const end = ends.find((e) => e.n === n);
    d.lines.push({
      points: rows.map((r, i) => `${x(i).toFixed(1)},${at(value(r[c])).toFixed(1)}`).join(" "),
      x: right,
      y: end?.y ?? low,
      text: end?.text ?? "",
    });
  });
  d.high = low + 28;
  return d;
}
