import type { CompoundState } from "./useCompounds";

type Standing = Pick<CompoundState, "light" | "duties">;
export type Duty = CompoundState["duties"][number];

/** What a compound's light comes from: the duty that shows it and is not done; none when all is done. */
export function worst(c: Standing): Duty | undefined {
  return c.duties.find((d) => d.light === c.light && !d.done);
}

/** What is to be done next: of what is not done, the nearest last day, overdue ones before. */
export function ahead(c: Standing): Duty | undefined {
  return c.duties.filter((d) => !d.done).sort((a, b) => a.days - b.days)[0];
}
