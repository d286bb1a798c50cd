import type { components } from "../api/schema";
import { instant } from "../words/zone";

type Saying = components["schemas"]["Saying"];
type Version = components["schemas"]["Version"];

/** A line of a compound's history: one or several sayings about the same thing that became known together. */
export interface Line {
  kind: string;
  from: string;
  known: string;
  value: number;
  until?: string;
  text?: string;
  by?: string;
  reason?: string;
  return?: string;
}

/** The last instant of a day, by the product's zone. */
const closeOf = (day: string): number => instant(Date.parse(`${day}T23:59:59.999Z`));

/** What was put right or entered later about a past day and those before it: it stands beside what was known then. */
export function since(said: Saying[], versions: Version[], at: string): Line[] {
  return merged(said, versions, at, true).filter((l) => l.from <= at && Date.parse(l.known) > closeOf(at));
}

/**
 * What was said of the compound and of its name, the newest first; of a past day, without what became known later, or, as known
 * now, with what was said later about that day and those before it.
 */
export function merged(said: Saying[], versions: Version[], at: string, now = false): Line[] {
  // The server leaves out what it did not know yet; the names come whole.
  const end = at ? closeOf(at) : Number.POSITIVE_INFINITY;
  const names = versions
    .filter((v) => Date.parse(v.known) <= end || (now && v.from <= at))
    .map(
      (v): Line => ({
        kind: `place-${v.why}`,
        from: v.from,
        known: v.known,
        value: 0,
        text: v.name,
        by: v.by,
        reason: v.note || undefined,
      }),
    );
  return [...said.map((s): Line => ({ ...s })), ...names].sort(
    (a, b) => Date.parse(b.known) - Date.parse(a.known) || b.from.localeCompare(a.from),
  );
}

/** Where a saying that nobody signed is kept: the records of another room, or what the machines saw. */
export function sourceOf(line: Line): "seen" | "pairing" | "inspection" | "place" {
  if (line.kind === "seen" || line.kind.endsWith("-seen")) return "seen";
  if (/^(pairings|pledged|received|tasks-)/.test(line.kind)) return "pairing";
  return line.kind === "inspected" ? "inspection" : "place";
}
