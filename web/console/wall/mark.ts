// One key keeps a moment: what a guard sees now must not be gone when somebody asks on Monday.
import { api, ask } from "../api/client";
import { HOUR, MINUTE } from "../playback/timeline";

const BEFORE = 2 * MINUTE;
const AFTER = MINUTE;
export const MARK_FOR = 72 * HOUR;

export interface Marked {
  from: number;
  to: number;
  until: number;
}

export function spanOfMark(at: number): Marked {
  return { from: at - BEFORE, to: at + AFTER, until: at + MARK_FOR };
}

export async function markMoment(camera: string, reason: string, at = Date.now()): Promise<Marked> {
  const span = spanOfMark(at);
  const iso = (t: number) => new Date(t).toISOString();
  await ask(api.POST("/api/holds", { body: { camera, from: iso(span.from), to: iso(span.to), until: iso(span.until), reason } }));
  return span;
}
