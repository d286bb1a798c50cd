// One key keeps a moment: what a guard sees now must not be gone when somebody asks on Monday.
import { api, ask } from "../api/client";
import type { components } from "../api/schema";

export type Hold = components["schemas"]["Hold"];

/** The server keeps some minutes on both sides of the moment, for 72 hours. */
export function markMoment(camera: string, reason: string, at = Date.now()): Promise<Hold> {
  return ask(api.POST("/api/holds", { body: { camera, at: new Date(at).toISOString(), reason } }));
}
