import type { components } from "../api/schema";

export type Row = components["schemas"]["DraftRow"];
export type Claim = components["schemas"]["Claim"];
export type Finding = components["schemas"]["Finding"];

export const WHATS = ["built", "networked"] as const;
export type What = (typeof WHATS)[number];

/** What is ticked on the form: a day for each thing that is said to have changed, "" for none. */
export type Ticks = Record<string, string>;

export const tick = (row: Row, what: What) => `${row.compound} ${what}`;

/** What the system has seen itself is not the county's to say. */
export const seen = (row: Row, what: What) => row[what].basis === "evidence";

/** Whose own machine had been seen by a day is not the county's to speak for either. */
export const machine = (row: Row, day: string) => !!row.machine_since && day >= row.machine_since;

/** A tick turns over what is known: done where it was not, no longer where a return had said so. */
export function claimsOf(rows: Row[], ticks: Ticks): Claim[] {
  return rows.flatMap((row) =>
    WHATS.flatMap((what) => {
      const from = ticks[tick(row, what)];
      return from && !seen(row, what) ? [{ compound: row.compound, what, from, holds: !row[what].done }] : [];
    }),
  );
}

/** The day that a new tick stands on: the last of the month, or today while it lasts. */
export function dayOf(month: string, today: string): string {
  const [y, m] = month.split("-").map(Number);
  const last = new Date(Date.UTC(y!, m!, 0)).toISOString().slice(0, 10);
  return today < last ? today : last;
}

/** Thousandths as a percentage; a dash where there is nothing to count. */
export const share = (n: number) => (n < 0 ? "–" : `${(n / 10).toFixed(n % 10 === 0 ? 0 : 1)}%`);
