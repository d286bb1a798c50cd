import { api, ask } from "../api/client";
import type { components } from "../api/schema";

export type Indicator = components["schemas"]["Indicator"];
type Values = Awaited<ReturnType<typeof valuesOf>>;
export type Value = Values["values"][number];

export function valuesOf(id: string, at?: string, known?: string) {
  return ask(
    api.GET("/api/indicators/{id}/values", {
      params: { path: { id }, query: { ...(at ? { at } : {}), ...(known ? { known } : {}) } },
    }),
  );
}

/** Days for the trend of a day, the oldest first, a week apart; none before the programme began. */
export function trendDays(day: string, start: string, points = 8): string[] {
  const out: string[] = [];
  const last = Date.parse(`${day}T00:00:00Z`);
  for (let i = points - 1; i >= 0; i--) {
    const d = new Date(last - i * 7 * 86_400_000).toISOString().slice(0, 10);
    if (d >= start) out.push(d);
  }
  return out;
}

/** Those whose values are asked for: of a past day also what has ended since. */
export const askedOn = (list: Indicator[], past: boolean) => list.filter((x) => past || !x.ended);

/** Those that stood on the day: by what was known of each then, where that is known. */
export const stoodThen = (asked: Indicator[], then: (id: string) => Indicator | undefined) =>
  asked.filter((x) => !(then(x.id) ?? x).ended);

/** A number with at most two decimals, and none that say nothing. */
export function shortNumber(n: number | undefined): string {
  return n === undefined ? "–" : String(Math.round(n * 100) / 100);
}

/** A form's start: everything as it is usual. */
export function fresh() {
  return {
    id: "",
    version: 0,
    name: "",
    formula: "",
    period: "state" as Indicator["period"],
    direction: "up" as Indicator["direction"],
    unit: "",
  };
}

/** A formula for readers: the figures by what they are called on the page, × and ÷ for signs of a program. */
export function inFigures(formula: string, called: (name: string) => string): string {
  return formula
    .replace(/[a-z_][a-z0-9_]*/gi, (name) => called(name))
    .replace(/\s*\*\s*/g, " × ")
    .replace(/\s*\/\s*/g, " ÷ ");
}
