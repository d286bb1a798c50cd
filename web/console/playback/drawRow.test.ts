import { expect, it } from "vitest";
import type { Ink } from "./draw";
import { drawRow } from "./drawRow";
import { NO_ACTIVITY, type Row } from "./row";
import { NO_STREAMS } from "./streams";
import { DAY, MINUTE, type Span, type View } from "./timeline";

const ink = { footage: "footage", bad: "bad", held: "held", soft: "soft", warn: "warn" } as Ink;
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
