import type { components } from "../api/schema";
import type { Line } from "./history";

type Duty = components["schemas"]["Duty"];

/** Another last day that a compound was given for a milestone. */
export interface Extension {
  milestone: string;
  until: string;
  reason: string;
  by: string;
  known: string;
  /** It is the one that counts: nothing was said of the milestone after it. */
  stands: boolean;
}

/** Another last day can be given of what is not done, and of what was done by a day in time but entered after the last one. */
export const extendable = (d: Duty): boolean => !d.done || Boolean(d.entered);

/** The extensions of a compound, the newest first. Of a milestone the last said stands; "" takes one back. */
export function extensionsOf(history: Line[], duties: Duty[]): Extension[] {
  const told = new Set<string>();
  const out: Extension[] = [];
  for (const l of history) {
    if (l.kind !== "extended") continue;
    const milestone = l.text ?? "";
    const stands = !told.has(milestone) && duties.some((d) => d.milestone === milestone && d.extended);
    told.add(milestone);
    if (l.value > 0 && l.until)
      out.push({ milestone, until: l.until, reason: l.reason ?? "", by: l.by ?? "", known: l.known, stands });
  }
  return out;
}
