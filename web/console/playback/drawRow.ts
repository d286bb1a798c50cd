// One camera's line of the time bar.
import type { Ink, Scene } from "./draw";
import type { Activity, Row } from "./row";
import { gaps, join, type Span, type View, visible, xOf } from "./timeline";

export function drawRow(
  ctx: CanvasRenderingContext2D,
  { view, width, now }: Scene,
  row: Row,
  y: number,
  h: number,
  ink: Ink,
): void {
  const perPixel = (view.to - view.from) / width;
  const place = { view, width, y, h };
  ctx.fillStyle = ink.sunken;
  ctx.fillRect(0, y, width, h);
  const seen = (spans: readonly Span[]) => visible(joined(spans, perPixel), view);
  const footage = seen(row.footage);
  const alive = row.activity.steps.length > 0;
  for (const span of footage) fill(ctx, place, span, ink.footage, alive ? 0.4 : 0.75);
  if (alive) drawActivity(ctx, place, row.activity, ink);
  for (const span of gaps(footage, { from: view.from, to: Math.min(view.to, now) })) hatch(ctx, place, span, ink);
  for (const span of seen(row.deleted)) fill(ctx, { ...place, y: y + h / 2 - 1, h: 2 }, span, ink.soft, 0.55);
  for (const span of seen(row.unconfirmed)) fill(ctx, { ...place, y: y + h / 2 - 1.5, h: 3 }, span, ink.warn);
  for (const span of seen(row.outages)) fill(ctx, { ...place, y: y + h - 4, h: 4 }, span, ink.bad);
  for (const span of seen(row.holds)) fill(ctx, { ...place, h: 4 }, span, ink.held);
}

const kept = new WeakMap<readonly Span[], { slack: number; spans: readonly Span[] }>();

/**
 * The spans without the gaps that are narrower than a pixel, kept while they are the same: a bar that is moved or zoomed
 * a little does not walk through a month of them for every frame.
 */
function joined(spans: readonly Span[], perPixel: number): readonly Span[] {
  const slack = 2 ** Math.floor(Math.log2(perPixel));
  const known = kept.get(spans);
  if (known?.slack === slack) return known.spans;
  const made = join(spans, slack);
  kept.set(spans, { slack, spans: made });
  return made;
}

interface Place {
  view: View;
  width: number;
  y: number;
  h: number;
}

function edges({ view, width }: Place, span: Span): [number, number] {
  return [Math.max(0, xOf(view, width, span.from)), Math.min(width, xOf(view, width, span.to))];
}

function fill(ctx: CanvasRenderingContext2D, place: Place, span: Span, colour: string, alpha = 1): void {
  const [a, b] = edges(place, span);
  if (b <= 0 || a >= place.width) return;
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour;
  // A second of outage on a day's bar must still be seen.
  ctx.fillRect(a, place.y, Math.max(1.5, b - a), place.h);
  ctx.globalAlpha = 1;
}

/** Busier pictures take more bits: the strip shows where to look first, without decoding anything. */
function drawActivity(ctx: CanvasRenderingContext2D, place: Place, { steps, low, high }: Activity, ink: Ink): void {
  const { view, width, y, h } = place;
  ctx.fillStyle = ink.footage;
  for (const { at, step, rate } of steps) {
    if (rate <= 0 || at + step < view.from || at > view.to) continue;
    const share = Math.min(1, Math.max(0.06, (rate - low) / (high - low)));
    const a = xOf(view, width, at);
    const b = xOf(view, width, at + step);
    ctx.fillRect(a, y + h - h * share, Math.max(1, b - a + 0.3), h * share);
  }
}

function hatch(ctx: CanvasRenderingContext2D, place: Place, span: Span, ink: Ink): void {
  const [a, b] = edges(place, span);
  const { y, h } = place;
  if (b - a < 3) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(a, y, b - a, h);
  ctx.clip();
  ctx.strokeStyle = ink.line;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 1;
  ctx.beginPath();
  // From a fixed place, so that the strokes do not swim while the bar moves over them.
  for (let x = Math.floor((a - h) / 7) * 7; x < b; x += 7) {
    ctx.moveTo(x, y + h);
    ctx.lineTo(x + h, y);
  }
  ctx.stroke();
  ctx.restore();
}
