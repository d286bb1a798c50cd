import type { Disk } from "./useDisks";

/** "stopped": nothing is recorded any more. "part": some disk takes nothing; its cameras went to others. */
export type Recording = "fine" | "part" | "stopped";

export function recordingOf(disks: readonly Pick<Disk, "state">[]): Recording {
  const out = disks.filter((d) => d.state !== "ok" && d.state !== "slow").length;
  if (out === 0) return "fine";
  return out === disks.length ? "stopped" : "part";
}
