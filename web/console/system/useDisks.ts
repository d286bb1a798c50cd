import { computed } from "vue";
import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { useLoad } from "../shell/useLoad";

export type Disk = components["schemas"]["DiskInfo"];

/** The disks, what they can hold, and how long that lasts at what is being written. */
export function useDisks() {
  const load = useLoad(() => ask(api.GET("/api/disks", {})), { every: 15_000, on: ["disk.*"] });
  const disks = computed(() => load.data.value?.disks ?? []);
  /** Bytes that recordings may fill. */
  const roomOf = (d: Disk) => (d.quota > 0 ? Math.min(d.quota, d.used + d.free) : d.used + d.free);
  /** Days that a disk takes from empty to full at the present rate: what it can keep. */
  const daysOf = (d: Disk) => (d.writer.bit_rate > 1000 ? (roomOf(d) * 8) / d.writer.bit_rate / 86_400 : undefined);

  return { ...load, disks, roomOf, daysOf };
}
