import type { components } from "../api/schema";

export const AREA_KINDS = ["gate", "road", "building-entrance", "car-park", "yard"] as const;
export type AreaKind = (typeof AREA_KINDS)[number];

export const MARKS = ["demonstration", "helped", "weak"] as const;
export type Mark = (typeof MARKS)[number];

/** What can be counted, by kind of protection. People are numbers only: no building, no condition. */
export const SORTS = {
  people: ["guard", "volunteer"],
  physical: ["fence", "gate", "door", "light", "fire-lane"],
  technical: ["camera", "alarm", "intercom", "access-control"],
} as const;
export const KINDS = ["people", "physical", "technical"] as const;
export const CONDITIONS = ["good", "worn", "broken"] as const;

export function kindOf(sort: string): (typeof KINDS)[number] | "" {
  return KINDS.find((k) => (SORTS[k] as readonly string[]).includes(sort)) ?? "";
}

/** The marks that hold: of two entries about the same the one of the later day, of one day the later known. */
export function marksIn(
  entries: Pick<components["schemas"]["Entry"], "mark" | "in" | "from" | "known" | "withdrawn">[],
): Set<Mark> {
  const last = new Map<Mark, { in: boolean; from: string; known: number }>();
  for (const e of entries) {
    if (e.withdrawn) continue;
    const known = Date.parse(e.known);
    const was = last.get(e.mark);
    if (!was || e.from > was.from || (e.from === was.from && known >= was.known))
      last.set(e.mark, { in: e.in, from: e.from, known });
  }
  return new Set([...last].filter(([, e]) => e.in).map(([m]) => m));
}

/** What can be entered, of what does not hold, or left, of what does; a class whose deadlines are harder is left only with leave from above. */
export function marksFor(entering: boolean, held: Set<Mark>, mayRelieve: boolean): Mark[] {
  return MARKS.filter((m) => held.has(m) !== entering && (entering || mayRelieve || m === "weak"));
}

/** One channel a line, as people paste them from a list; empty lines and doubles are left out. */
export function namesOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter(Boolean),
    ),
  ];
}
