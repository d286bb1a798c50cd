import type { components } from "../api/schema";

export type Forecast = components["schemas"]["Forecast"];

const at = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** The last day that any of the forecasts speaks of: the right end of their common track. */
export function lastDay(of: readonly Forecast[]): string {
  let last = "";
  for (const f of of) {
    const day = f.late || f.middle || f.date;
    if (day > last) last = day;
  }
  return last;
}

/** Where eight futures in ten end, in per cent of the way from the day itself to `end`; undefined: no end is in sight. */
export function bandOf(f: Forecast, end: string): { from: number; width: number; middle: number } | undefined {
  if (f.no_end || !f.early || !f.middle || f.done >= f.total || end <= f.date) return undefined;
  const share = (day: string) => (100 * (at(day) - at(f.date))) / (at(end) - at(f.date));
  const from = share(f.early);
  return { from, width: share(f.late || end) - from, middle: share(f.middle) };
}
