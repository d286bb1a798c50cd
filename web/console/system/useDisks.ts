import { computed } from "vue";
import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { useLoad } from "../shell/useLoad";

export type Disk = components["schemas"]["DiskInfo"];

/** The disks, what they can hold, and what of the promises fits: the server's estimate is the only sum of days. */
export function useDisks() {
  const load = useLoad(() => ask(api.GET("/api/disks", {})), { every: 15_000, on: ["disk.*"] });
  const estimate = useLoad(() => ask(api.GET("/api/retention-estimate", {})), {
    every: 60_000,
    on: ["disk.*", "camera.*", "hold.*"],
  });
  const disks = computed(() => load.data.value?.disks ?? []);
  /** Bytes that recordings may fill: some of what is free never becomes footage. */
  const roomOf = (d: Disk) => {
    const room = d.used + Math.max(0, d.free - d.reserve);
    return d.quota > 0 ? Math.min(d.quota, room) : room;
  };

  return { ...load, disks, roomOf, estimate };
}
