import type { components } from "../api/schema";

export type Pairing = components["schemas"]["PairingView"];
export type Whole = components["schemas"]["Whole"];
export type Entry = components["schemas"]["PairingEntry"];
export type HelpFile = components["schemas"]["File"];
export type Kind = "pledge" | "receipt" | "spend";
export const KINDS: Kind[] = ["pledge", "receipt", "spend"];

/** What money can become. */
export const SORTS = [
  "fence",
  "gate",
  "door",
  "light",
  "fire-lane",
  "camera",
  "alarm",
  "intercom",
  "access-control",
] as const;

/** Entries that another one has taken back. */
export function takenBack(money: Entry[]): Set<string> {
  return new Set(money.map((e) => e.reverses ?? "").filter(Boolean));
}

/** Spends that stand and that no standing disclosure speaks of. */
export function undisclosed(money: Entry[]): Entry[] {
  const gone = takenBack(money);
  const told = new Set(
    money.filter((e) => e.kind === "disclosure" && e.fen > 0 && !gone.has(e.id)).map((e) => e.of ?? ""),
  );
  return money.filter((e) => e.kind === "spend" && e.fen > 0 && !gone.has(e.id) && !told.has(e.id));
}

export interface Point {
  day: number;
  received: number;
  spent: number;
}

const dayOf = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

/** The sums after each day on which money moved, from the day before the first one to the day of the page. */
export function life(money: Entry[], from: string, until: string): Point[] {
  const sorted = [...money].sort((a, b) => a.from.localeCompare(b.from));
  const out: Point[] = [
    { day: dayOf(sorted[0] && sorted[0].from < from ? sorted[0].from : from), received: 0, spent: 0 },
  ];
  for (const e of sorted) {
    if (e.kind !== "receipt" && e.kind !== "spend") continue;
    const last = out[out.length - 1]!;
    const day = dayOf(e.from);
    const now = day === last.day && out.length > 1 ? last : { ...last, day };
    if (now !== last) out.push(now);
    if (e.kind === "receipt") now.received += e.fen;
    else now.spent += e.fen;
  }
  const last = out[out.length - 1]!;
  out.push({ ...last, day: Math.max(last.day, dayOf(until)) });
  return out;
}
