import { asProblem, Problem } from "../api/problem";
import { leases } from "../look/door";
import type { Lease, Stream } from "../look/lease";
import { longest, usePermits } from "../look/permits";
import { needPurpose } from "../session/purpose";
import { useSession } from "../session/session";

/** Asks the door for a span of a camera's footage, for the purpose of this sitting. */
export async function beginPlayback(
  camera: string,
  stream: Stream,
  from: number,
  to: number,
  speed = 1,
): Promise<Lease> {
  const stated = await needPurpose(useSession().roles);
  if (!stated) throw new Problem(403, "purpose", "");
  try {
    return await leases.begin({
      camera,
      stream,
      kind: "playback",
      purpose: stated.purpose,
      reason: stated.reason || undefined,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      speed,
    });
  } catch (error) {
    throw asProblem(error);
  }
}

/** How much footage the policies let be asked for at once, for the purpose of this sitting. */
export async function longestPlayback(): Promise<number> {
  const stated = await needPurpose(useSession().roles);
  if (!stated) throw new Problem(403, "purpose", "");
  return longest(await usePermits().load(), "playback", stated.purpose);
}
