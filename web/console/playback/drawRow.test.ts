import { expect, it } from "vitest";
import type { Ink } from "./draw";
import { drawRow } from "./drawRow";
import { NO_ACTIVITY, type Row } from "./row";
import { NO_STREAMS } from "./streams";
import { DAY, MINUTE, type Span, type View } from "./timeline";

const ink = { footage: "footage", bad: "bad", held: "held", soft: "soft", warn: "warn", line: "line" } as Ink;
const WIDTH = 1440;

/** What was filled, by colour. */
function filled(row: Row, view: View): Map<string, [number, number][]> {
  const out = new Map<string, [number, number][]>();
  const ctx = {
    fillStyle: "",
    fillRect(x: number, _y: number, w: number) {
      out.set(this.fillStyle, [...(out.get(this.fillStyle) ?? []), [x, x + w]]);
    },
  };
  for (const nothing of ["save", "restore", "beginPath", "rect", "clip", "moveTo", "lineTo", "stroke"])
    Object.assign(ctx, { [nothing]: () => {} });
  drawRow(
    ctx as unknown as CanvasRenderingContext2D,
    { view, width: WIDTH, height: 60, rows: [row], at: 0, now: 40 * DAY },
    row,
    0,
    20,
    ink,
  );
  return out;
}

function row(told: Partial<Row>): Row {
  return {
    camera: "gate",
    name: "",
    footage: [],
    streams: NO_STREAMS,
    gaps: [],
    outages: [],
    holds: [],
    unconfirmed: [],
    deleted: [],
    activity: NO_ACTIVITY,
    ...told,
  };
}

it("a month of short outages costs no more than there are pixels, and is red all along", () => {
  const outages = Array.from({ length: 4000 }, (_, i) => ({
    from: i * 10 * MINUTE,
    to: (i * 10 + 1) * MINUTE,
    says: "",
  }));
  const view = { from: 0, to: 27 * DAY };
  const red = filled(row({ outages }), view).get("bad")!;
  expect(red.length).toBeLessThan(WIDTH);
  let at = 0;
  for (const [a, b] of red) {
    expect(a - at).toBeLessThan(1);
    at = b;
  }
  expect(at).toBeGreaterThan(WIDTH - 2);
});

it("comes apart again when one looks closer, and what is beside the view is not drawn", () => {
  const spans: Span[] = Array.from({ length: 4000 }, (_, i) => ({ from: i * 10 * MINUTE, to: (i * 10 + 9) * MINUTE }));
  const one = row({ footage: spans, holds: spans.map((s) => ({ ...s, says: "" })) });
  filled(one, { from: 0, to: 27 * DAY });
  const near = filled(one, { from: 10 * DAY, to: 10 * DAY + 60 * MINUTE });
  expect(near.get("footage")!.length).toBe(6);
  expect(near.get("held")!.length).toBe(6);
});

it("draws a gap as strokes that stay inside it, and the strip of activity by how busy each step was", () => {
  const view = { from: 0, to: 144 * MINUTE }; // ten pixels a minute
  const footage = [
    { from: 0, to: 40 * MINUTE },
    { from: 60 * MINUTE, to: 144 * MINUTE },
  ];
  const steps = [1, 3, 0, 9].map((rate, i) => ({ at: i * 10 * MINUTE, step: 10 * MINUTE, rate }));
  const clips: number[][] = [];
  const strokes: string[] = [];
  const bars: { x: number; y: number; w: number; h: number; alpha: number }[] = [];
  const ctx = {
    fillStyle: "",
    strokeStyle: "",
    globalAlpha: 1,
    fillRect(x: number, y: number, w: number, h: number) {
      if (this.fillStyle === "footage") bars.push({ x, y, w, h, alpha: this.globalAlpha });
    },
    rect: (x: number, _y: number, w: number) => clips.push([x, x + w]),
    stroke() {
      strokes.push(this.strokeStyle);
    },
  };
  for (const nothing of ["save", "restore", "beginPath", "clip", "moveTo", "lineTo"])
    Object.assign(ctx, { [nothing]: () => {} });
  const one = row({ footage, activity: { steps, low: 1, high: 5 } });
  drawRow(
    ctx as unknown as CanvasRenderingContext2D,
    { view, width: WIDTH, height: 60, rows: [one], at: 0, now: 40 * DAY },
    one,
    0,
    20,
    ink,
  );
  expect(clips).toEqual([[400, 600]]);
  expect(strokes).toEqual(["line"]);
  // Behind it the footage is pale; a quiet step is a line, one busier than busy fills the row, and one without pictures is none.
  expect(bars.filter((b) => b.alpha < 1).map((b) => [b.x, b.x + b.w])).toEqual([
    [0, 400],
    [600, 1440],
  ]);
  const strip = bars.filter((b) => b.alpha === 1);
  expect(strip.map((b) => b.x)).toEqual([0, 100, 300]);
  expect(strip.map((b) => Math.round(b.h * 10) / 10)).toEqual([1.2, 10, 20]);
  for (const b of strip) expect(b.y + b.h).toBe(20);
});
