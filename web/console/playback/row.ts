// What one line of the time bar shows of a camera.
import type { Streams } from "./streams";
import { DAY, HOUR, MINUTE, type Span, spanAt, type View } from "./timeline";

export interface Told extends Span {
  /** In words, "" where nobody knows. */
  says: string;
}

export interface Row {
  camera: string;
  name: string;
  /** Sorted; touching ones are apart where the stream or the run changes. */
  footage: readonly Span[];
  /** The same by stream, for playing. */
  streams: Streams;
  gaps: readonly Told[];
  outages: readonly Told[];
  holds: readonly Told[];
  /** Footage whose time nobody has confirmed. */
  unconfirmed: readonly Span[];
  /** Footage that was deleted when its time was up. */
  deleted: readonly Span[];
  activity: Activity;
}

export interface Activity {
  steps: readonly { at: number; step: number; rate: number }[];
  /** Bit rates that stand for a quiet and a busy picture. */
  low: number;
  high: number;
}

export type Kind = "outage" | "hold" | "unconfirmed" | "deleted" | "gap";

export const NO_ACTIVITY: Activity = { steps: [], low: 0, high: 1 };

/** Scales the strip to the camera's own quiet and busy minutes. */
export function activityOf(steps: Activity["steps"]): Activity {
  const rates = steps
    .map((a) => a.rate)
    .filter((r) => r > 0)
    .sort((a, b) => a - b);
  if (rates.length === 0) return NO_ACTIVITY;
  const low = rates[Math.floor(rates.length * 0.1)]!;
  return { steps, low, high: Math.max(rates[Math.floor(rates.length * 0.98)]!, low * 1.2) };
}

/** How fine the activity strip should be for a view: about three pixels a column. */
export function activityStep(view: View, width: number): number {
  const wanted = ((view.to - view.from) / Math.max(width, 1)) * 3;
  return [10_000, 30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR].find((s) => s >= wanted) ?? DAY;
}

/** Those whose picture of a moment was dated by a clock that nobody had set. */
export function doubtedAt(rows: readonly Row[], t: number): Row[] {
  return rows.filter((row) => spanAt(row.unconfirmed, t));
}

/** What there is to say of a moment, besides that there is footage. */
export function whatsAt(row: Row, t: number, now: number): { kind: Kind; says: string }[] {
  const told: { kind: Kind; says: string }[] = [];
  const within = (spans: readonly Told[]) => spans.find((s) => t >= s.from && t < s.to);
  const outage = within(row.outages);
  const hold = within(row.holds);
  if (outage) told.push({ kind: "outage", says: outage.says });
  if (hold) told.push({ kind: "hold", says: hold.says });
  if (spanAt(row.footage, t)) {
    if (spanAt(row.unconfirmed, t)) told.push({ kind: "unconfirmed", says: "" });
  } else if (t < now && !outage) {
    const deleted = row.deleted.some((s) => t >= s.from && t < s.to);
    const says = within(row.gaps)?.says ?? "";
    told.push({ kind: deleted ? "deleted" : "gap", says });
  }
  return told;
}
