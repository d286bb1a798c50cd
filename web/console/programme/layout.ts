import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { api, ask } from "../api/client";
import { journal, RESET } from "../api/events";
import type { Spot } from "./tiles";

/** Where each county stands on the schematic map: read once for all its pages, and kept true by the journal. */
export const useLayout = defineStore("layout", () => {
  const spots = shallowRef<Spot[]>([]);
  /** It was asked for and answered, or refused: then the counties stand in rows. */
  const ready = ref(false);
  let begun = false;
  let first: Promise<void> | undefined;

  async function reload(): Promise<void> {
    try {
      spots.value = (await ask(api.GET("/api/tiles", {}))).tiles;
    } catch {
      // Without it the map still has every county.
    }
    ready.value = true;
  }
  function use(): void {
    if (!begun) {
      begun = true;
      for (const kind of ["place.tiles", "place.founded", "place.ended", RESET]) journal.on(kind, () => void reload());
    }
    if (!ready.value) first ??= reload();
  }
  return { spots, ready, use };
});
