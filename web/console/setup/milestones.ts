import type { components } from "../api/schema";

export type Milestone = components["schemas"]["Milestone"];
export type What = Milestone["what"];

export const WHATS = ["built", "networked", "funds", "tasks", "accepted"] as const;
export const CLASSES = ["demonstration", "helped", "other"] as const;

/** A name for a new milestone that no other has: what must be true and by when, "networked-2017-11-30". */
export function nameFor(what: string, due: string, taken: string[]): string {
  const plain = due ? `${what}-${due}` : what;
  for (let n = 1; ; n++) {
    const name = n === 1 ? plain : `${plain}-${n}`;
    if (!taken.includes(name)) return name;
  }
}

/** The milestone as it stands, ended or no longer so. */
export function turned(m: Milestone): components["schemas"]["SetMilestoneRequest"] {
  const { what, classes, due, near_days, lead_days, evidence = "", ended } = m;
  return { what, classes: [...classes], due, near_days, lead_days, evidence, ended: !ended };
}

type Rule = Pick<Milestone, "what" | "classes" | "due" | "near_days" | "lead_days" | "ended">;

/** Whether a change asks less of some compound than the milestone does now: the server then wants a reason and another person. */
export function loosens(is: Rule, was: Milestone | null): boolean {
  if (!was || was.ended) return false;
  return (
    is.ended ||
    is.what !== was.what ||
    is.due > was.due ||
    is.near_days < was.near_days ||
    is.lead_days < was.lead_days ||
    was.classes.some((c) => !is.classes.includes(c))
  );
}

/** What differs between two versions of a milestone, as keys of its words. */
export function differences(is: Milestone, was: Milestone | undefined): string[] {
  if (!was) return [];
  const keys = ["what", "classes", "due", "near_days", "lead_days", "evidence", "ended"] as const;
  return keys.filter((k) => String(is[k] ?? "") !== String(was[k] ?? ""));
}
