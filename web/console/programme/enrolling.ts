import type { Problem } from "../api/problem";

/** A compound that is to take part: what it is called, and how many channels it is to have. */
export interface Picked {
  name: string;
  plan: number | undefined;
  /** What was said of it when it was picked: what another office says meanwhile is not spoken over. */
  seen: number;
}
interface Row {
  compound: string;
  name: string;
  plan: number;
  said_version?: number;
}

/** Picks each of some compounds. Who is picked already keeps what was typed for it. */
export function pickEach(picked: Map<string, Picked>, rows: Row[], same: number | undefined): void {
  for (const r of rows)
    if (!picked.has(r.compound))
      picked.set(r.compound, { name: r.name, plan: r.plan || same || undefined, seen: r.said_version ?? 0 });
}

/** How many are picked that the page does not show, as it shows those of another search. */
export function unseen(picked: Map<string, Picked>, rows: Row[]): number {
  const shown = new Set(rows.map((r) => r.compound));
  return [...picked.keys()].filter((id) => !shown.has(id)).length;
}

/** A refusal tells of a row by its number; people know it by its name. */
export function named(problem: Problem, names: string[]): { name: string; says: string }[] {
  return problem.fields.map((f) => {
    const i = /^(?:\w+)\[(\d+)\]/.exec(f.path)?.[1];
    return { name: (i && names[Number(i)]) || "", says: f.detail };
  });
}
