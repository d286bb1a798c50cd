import type { components } from "../api/schema";

type Plan = components["schemas"]["PlanOutputBody"];
/** A camera that becomes a new channel of the compound. */
export const NEW = "-";

/** What was chosen for each camera, beside what the server proposed for it then. */
export type Picks = Record<string, { pick: string; said: string }>;

/** A plan read anew while somebody chooses: what was chosen stays where it still can be, the rest is as proposed now. */
export function picksOf(plan: Pick<Plan, "cameras" | "channels">, before: Picks = {}): Picks {
  const there = new Set(plan.channels.map((c) => c.id));
  const picks = plan.cameras.map((c) => {
    const said = c.channel || NEW;
    const was = before[c.camera];
    const stays = was && was.pick !== was.said && (was.pick === NEW ? !c.tied : there.has(was.pick));
    return [c.camera, { pick: stays ? was.pick : said, said }] as const;
  });
  return Object.fromEntries(picks);
}
