// Draws the time bar on a canvas. All colours come from the page's tokens.
import { clock, date } from "../words/time";
import { DAY, gaps, HOUR, join, MINUTE, type Span, ticks, type View, xOf } from "./timeline";

export interface Row {
  camera: string;
  name: string;
  footage: readonly Span[];
  outages: readonly (Span & { reason?: string })[];
  holds: readonly Span[];
  activity: readonly { at: number; step: number; rate: number }[];
}

export interface Scene {
  view: View;
  width: number;
  height: number;
  rows: readonly Row[];
  /** The playing moment, the moment under the pointer, and now. */
  at: number;
  pointer?: number;
  now: number;
  selection?: Span;
}

export interface Ink {
  text: string;
  soft: string;
  line: string;
  ground: string;
  sunken: string;
  footage: string;
  bad: string;
  held: string;
  accent: string;
  font: string;
}

export const SCALE = 24;
export const ROW = 30;

export function heightFor(rows: number): number {
  return SCALE + Math.max(1, rows) * ROW + 4;
}

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of("--text"),
    soft: of("--text-soft"),
    line: of("--line-strong"),
    ground: of("--surface"),
    sunken: of("--sunken"),
    footage: of("--footage"),
    bad: of("--bad"),
    held: of("--held"),
    accent: of("--accent"),
    font: `12px ${of("--figures")}`,
  };
}

export function draw(ctx: CanvasRenderingContext2D, scene: Scene, ink: Ink): void {
  const { view, width, height } = scene;
  ctx.clearRect(0, 0, width, height);
  ctx.fillStyle = ink.ground;
  ctx.fillRect(0, 0, width, height);
  drawScale(ctx, scene, ink);
  scene.rows.forEach((row, i) => drawRow(ctx, scene, row, SCALE + i * ROW, ink));
  if (scene.selection) {
    const [a, b] = [xOf(view, width, scene.selection.from), xOf(view, width, scene.selection.to)];
    ctx.globalAlpha = 0.28;
    ctx.fillStyle = ink.accent;
    ctx.fillRect(a, SCALE, Math.max(1, b - a), height - SCALE);
    ctx.globalAlpha = 1;
    stroke(ctx, a, SCALE, height, ink.accent, 1.5);
    stroke(ctx, b, SCALE, height, ink.accent, 1.5);
  }
  if (scene.now < view.to) {
    const x = xOf(view, width, scene.now);
    ctx.fillStyle = ink.sunken;
    ctx.globalAlpha = 0.7;
    ctx.fillRect(x, SCALE, width - x, height - SCALE);
    ctx.globalAlpha = 1;
  }
  if (scene.pointer !== undefined) stroke(ctx, xOf(view, width, scene.pointer), SCALE, height, ink.soft, 1);
  drawHead(ctx, xOf(view, width, scene.at), height, ink);
}

function drawScale(ctx: CanvasRenderingContext2D, { view, width, height }: Scene, ink: Ink): void {
  ctx.font = ink.font;
  ctx.textBaseline = "middle";
  const span = view.to - view.from;
  for (const tick of ticks(view, width)) {
    const x = Math.round(xOf(view, width, tick.at)) + 0.5;
    ctx.strokeStyle = ink.line;
    ctx.globalAlpha = tick.major ? 0.8 : 0.4;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, tick.major ? SCALE - 6 : SCALE - 3);
    ctx.lineTo(x, tick.major ? height : SCALE);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (!tick.major) continue;
    ctx.fillStyle = ink.soft;
    const midnight = clock(tick.at) === "00:00:00";
    const word = midnight || span > 4 * DAY ? date(tick.at).slice(5) : clock(tick.at, span < 10 * MINUTE);
    ctx.textAlign = x < 24 ? "left" : x > width - 24 ? "right" : "center";
    ctx.fillText(word, x, SCALE / 2 - 1);
  }
}

function drawRow(ctx: CanvasRenderingContext2D, { view, width, now }: Scene, row: Row, top: number, ink: Ink): void {
  const perPixel = (view.to - view.from) / width;
  const y = top + 4;
  const h = ROW - 8;
  ctx.fillStyle = ink.sunken;
  ctx.fillRect(0, y, width, h);
  const footage = join(row.footage, perPixel);
  const quiet = row.activity.length > 0;
  for (const span of footage) bar(ctx, view, width, span, y, h, ink.footage, quiet ? 0.42 : 0.75);
  if (quiet) drawActivity(ctx, view, width, row, y, h, ink);
  for (const span of gaps(footage, { from: view.from, to: Math.min(view.to, now) }))
    hatch(ctx, view, width, span, y, h, ink);
  for (const span of row.outages) bar(ctx, view, width, span, y + h - 4, 4, ink.bad, 1);
  for (const span of row.holds) bar(ctx, view, width, span, y, 4, ink.held, 1);
}

function bar(
  ctx: CanvasRenderingContext2D,
  view: View,
  width: number,
  span: Span,
  y: number,
  h: number,
  colour: string,
  alpha: number,
): void {
  const a = Math.max(0, xOf(view, width, span.from));
  const b = Math.min(width, xOf(view, width, span.to));
  if (b <= 0 || a >= width) return;
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour;
  // A second of outage on a day's bar must still be seen.
  ctx.fillRect(a, y, Math.max(1.5, b - a), h);
  ctx.globalAlpha = 1;
}

/** Busier pictures take more bits: the strip shows where to look first, without decoding anything. */
function drawActivity(
  ctx: CanvasRenderingContext2D,
  view: View,
  width: number,
  row: Row,
  y: number,
  h: number,
  ink: Ink,
): void {
  const rates = row.activity
    .map((a) => a.rate)
    .filter((r) => r > 0)
    .sort((a, b) => a - b);
  if (rates.length === 0) return;
  const low = rates[Math.floor(rates.length * 0.1)]!;
  const high = Math.max(rates[Math.floor(rates.length * 0.98)]!, low * 1.2);
  ctx.fillStyle = ink.footage;
  for (const { at, step, rate } of row.activity) {
    if (rate <= 0 || at + step < view.from || at > view.to) continue;
    const share = Math.min(1, Math.max(0.06, (rate - low) / (high - low)));
    const a = xOf(view, width, at);
    const b = xOf(view, width, at + step);
    ctx.fillRect(a, y + h - h * share, Math.max(1, b - a + 0.3), h * share);
  }
}

function hatch(
  ctx: CanvasRenderingContext2D,
  view: View,
  width: number,
  span: Span,
  y: number,
  h: number,
  ink: Ink,
): void {
  const a = Math.max(0, xOf(view, width, span.from));
  const b = Math.min(width, xOf(view, width, span.to));
  if (b - a < 3) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(a, y, b - a, h);
  ctx.clip();
  ctx.strokeStyle = ink.line;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = a - h; x < b; x += 7) {
    ctx.moveTo(x, y + h);
    ctx.lineTo(x + h, y);
  }
  ctx.stroke();
  ctx.restore();
}

function stroke(
  ctx: CanvasRenderingContext2D,
  x: number,
  from: number,
  to: number,
  colour: string,
  width: number,
): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.moveTo(x, from);
  ctx.lineTo(x, to);
  ctx.stroke();
}

function drawHead(ctx: CanvasRenderingContext2D, x: number, height: number, ink: Ink): void {
  stroke(ctx, x, SCALE - 6, height, ink.text, 2);
  ctx.fillStyle = ink.text;
  ctx.beginPath();
  ctx.moveTo(x - 6, SCALE - 12);
  ctx.lineTo(x + 6, SCALE - 12);
  ctx.lineTo(x, SCALE - 4);
  ctx.fill();
}

/** How fine the activity strip should be for a view: about two pixels a column. */
export function activityStep(view: View, width: number): number {
  const wanted = ((view.to - view.from) / Math.max(width, 1)) * 3;
  return [10_000, 30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR].find((s) => s >= wanted) ?? DAY;
}
