import { computed } from "vue";
import { api, ask } from "../api/client";
import { need } from "../camera/retention";
import { useCameras } from "../camera/cameras";
import { useLoad } from "../shell/useLoad";
import type { components } from "../api/schema";

export type Disk = components["schemas"]["DiskInfo"];

/** The disks, what they can hold, and how long that lasts at what is being written. */
export function useDisks() {
  const cameras = useCameras();
  const load = useLoad(async () => (await ask<{ disks: Disk[] | null }>(api.GET("/api/disks", {}))).disks ?? [], { every: 15_000, on: ["archive.*", "disk.*"] });
  const disks = computed(() => load.data.value ?? []);
  const usable = (d: Disk) => d.state !== "dead" && d.state !== "read-only";
  /** Bytes that recordings may fill. */
  const roomOf = (d: Disk) => (d.quota > 0 ? Math.min(d.quota, d.used + d.free) : d.used + d.free);
  const capacity = computed(() => disks.value.filter(usable).reduce((sum, d) => sum + roomOf(d), 0));
  /** Days that a disk takes from empty to full at the present rate: what it can keep. */
  const daysOf = (d: Disk) => (d.writer.bit_rate > 1000 ? (roomOf(d) * 8) / d.writer.bit_rate / 86_400 : undefined);

  /** Bytes that all cameras but one need for what was promised for them. */
  function needOfOthers(except?: string): number {
    return cameras.all
      .filter((c) => c.id !== except && !c.disabled)
      .reduce((sum, c) => {
        const rate = (which: string) => c.health?.streams?.find((s) => s.which === which)?.bit_rate ?? 0;
        return sum + need(rate("main"), rate("sub"), { main: c.retention_main_days, sub: c.retention_sub_days });
      }, 0);
  }
  return { ...load, disks, capacity, roomOf, daysOf, need: needOfOthers };
}
