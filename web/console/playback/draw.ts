// Draws the time bar on a canvas: the scale, the rows, the selection and the head. All colours come from the page's tokens.
import { clock, date } from "../words/time";
import { drawRow } from "./drawRow";
import type { Row } from "./row";
import { DAY, dayOf, MINUTE, type Span, ticks, type View, xOf } from "./timeline";

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
  warn: string;
  bad: string;
  held: string;
  accent: string;
  font: string;
}

export const SCALE = 26;
const BOTTOM = 6;

/** The height of a row: eight cameras must leave room for their pictures. */
export function rowHeight(rows: number): number {
  return rows <= 2 ? 32 : rows <= 4 ? 26 : 20;
}

export function heightFor(rows: number): number {
  return SCALE + Math.max(1, rows) * rowHeight(rows) + BOTTOM;
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
    warn: of("--warn"),
    bad: of("--bad"),
    held: of("--held"),
    accent: of("--accent"),
    font: `12px ${of("--figures")}`,
  };
}

export function draw(ctx: CanvasRenderingContext2D, scene: Scene, ink: Ink): void {
  const { view, width, height } = scene;
  ctx.fillStyle = ink.ground;
  ctx.fillRect(0, 0, width, height);
  const high = rowHeight(scene.rows.length);
  const bottom = height - BOTTOM;
  if (scene.rows.length === 0) {
    ctx.fillStyle = ink.sunken;
    ctx.fillRect(0, SCALE, width, bottom - SCALE);
  }
  scene.rows.forEach((row, i) => drawRow(ctx, scene, row, SCALE + i * high, high - 3, ink));
  drawScale(ctx, scene, bottom, ink);
  if (scene.now < view.to) drawFuture(ctx, scene, bottom, ink);
  if (scene.selection) drawSelection(ctx, scene, scene.selection, bottom, ink);
  if (scene.pointer !== undefined) stroke(ctx, xOf(view, width, scene.pointer), SCALE, bottom, ink.soft, 1);
  drawHead(ctx, xOf(view, width, scene.at), bottom, ink);
}

function drawScale(ctx: CanvasRenderingContext2D, { view, width }: Scene, bottom: number, ink: Ink): void {
  ctx.font = ink.font;
  ctx.textBaseline = "middle";
  const span = view.to - view.from;
  // The day stands at the left end, unless its name would run into that of a midnight.
  const day = span < 4 * DAY ? date(view.from).slice(5) : "";
  const room = day ? ctx.measureText(day).width + 18 : 0;
  for (const tick of ticks(view, width)) {
    const x = Math.round(xOf(view, width, tick.at)) + 0.5;
    const midnight = dayOf(tick.at).from === tick.at;
    ctx.strokeStyle = midnight ? ink.soft : ink.line;
    ctx.globalAlpha = midnight ? 0.9 : tick.major ? 0.55 : 0.4;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, tick.major ? SCALE - 6 : SCALE - 3);
    ctx.lineTo(x, midnight ? bottom : SCALE);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (!tick.major) continue;
    const byDate = midnight || span > 4 * DAY;
    const word = byDate ? date(tick.at).slice(5) : clock(tick.at, span < 10 * MINUTE);
    const half = ctx.measureText(word).width / 2;
    if (x - half < room || x + half > width - 4) continue;
    ctx.fillStyle = byDate ? ink.text : ink.soft;
    ctx.textAlign = "center";
    ctx.fillText(word, x, SCALE / 2 - 2);
  }
  if (!day) return;
  ctx.textAlign = "left";
  ctx.fillStyle = ink.text;
  ctx.fillText(day, 10, SCALE / 2 - 2);
}

/** What has not happened yet is no gap. */
function drawFuture(ctx: CanvasRenderingContext2D, { view, width, now }: Scene, bottom: number, ink: Ink): void {
  const x = Math.max(0, xOf(view, width, now));
  ctx.fillStyle = ink.ground;
  ctx.globalAlpha = 0.8;
  ctx.fillRect(x, SCALE, width - x, bottom - SCALE);
  ctx.globalAlpha = 1;
  stroke(ctx, x, SCALE, bottom, ink.line, 1);
}

function drawSelection(
  ctx: CanvasRenderingContext2D,
  { view, width }: Scene,
  selection: Span,
  bottom: number,
  ink: Ink,
): void {
  const [a, b] = [xOf(view, width, selection.from), xOf(view, width, selection.to)];
  ctx.globalAlpha = 0.26;
  ctx.fillStyle = ink.accent;
  ctx.fillRect(a, SCALE, Math.max(1, b - a), bottom - SCALE);
  ctx.globalAlpha = 1;
  for (const x of [a, b]) {
    stroke(ctx, x, SCALE, bottom, ink.accent, 2);
    ctx.fillStyle = ink.accent;
    ctx.fillRect(x - 3, SCALE - 3, 6, 6);
  }
}

export function stroke(
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

function drawHead(ctx: CanvasRenderingContext2D, x: number, bottom: number, ink: Ink): void {
  stroke(ctx, x, SCALE - 6, bottom, ink.text, 2);
  ctx.fillStyle = ink.text;
  ctx.beginPath();
  ctx.moveTo(x - 6, SCALE - 12);
  ctx.lineTo(x + 6, SCALE - 12);
  ctx.lineTo(x, SCALE - 4);
  ctx.fill();
}
