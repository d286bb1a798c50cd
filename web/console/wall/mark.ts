// One key keeps a moment: what a guard sees now must not be gone when somebody asks on Monday.
import { api, ask } from "../api/client";
import type { components } from "../api/schema";

export type Hold = components["schemas"]["Hold"];

/**
 * The server keeps some minutes on both sides of the moment, for 72 hours: of now by its own clock, whatever the PC's says;
 * `at` is of footage, which the server has dated.
 */
export function markMoment(camera: string, reason: string, at?: number): Promise<Hold> {
  const moment = at === undefined ? { now: true } : { at: new Date(at).toISOString() };
  return ask(api.POST("/api/holds", { body: { camera, reason, ...moment } }));
}
