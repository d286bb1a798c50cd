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

/** What was said of the compound and of its name, the newest first; of a past day, without what became known later. */
export function merged(said: Saying[], versions: Version[], at: string): Line[] {
  // The server leaves out what it did not know yet; the names come whole.
  const end = at ? instant(Date.parse(`${at}T23:59:59.999Z`)) : Number.POSITIVE_INFINITY;
  const names = versions
    .filter((v) => Date.parse(v.known) <= end)
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
