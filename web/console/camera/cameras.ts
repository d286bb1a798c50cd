import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { api, ask } from "../api/client";
import { journal } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import type { components } from "../api/schema";

export type CameraEntry = components["schemas"]["View"];

/** Every camera that this person may know of, with its health, kept fresh by the journal. */
export const useCameras = defineStore("cameras", () => {
  const all = shallowRef<CameraEntry[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let users = 0;
  let stops: (() => void)[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;
  let slow: ReturnType<typeof setInterval> | undefined;

  const byId = computed(() => new Map(all.value.map((c) => [c.id, c])));

  async function reload(): Promise<void> {
    try {
      const reply = await ask(api.GET("/api/cameras"));
      all.value = reply.cameras ?? [];
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  // Sixteen cameras that come back at once are one load.
  function reloadSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      void reload();
    }, 300);
  }

  /** Keeps the list fresh until the returned function is called. */
  function use(): () => void {
    if (users++ === 0) {
      void reload();
      stops = [journal.on("camera.*", reloadSoon), journal.onConnection((c) => c === "open" && reloadSoon())];
      slow = setInterval(reloadSoon, 60_000);
    }
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      if (--users > 0) return;
      for (const stop of stops) stop();
      clearInterval(slow);
      clearTimeout(soon);
      soon = undefined;
    };
  }

  return { all, byId, loaded, problem, reload, use };
});

export function stateOf(camera: CameraEntry | undefined): string {
  if (!camera) return "unknown";
  if (camera.disabled) return "disabled";
  return camera.health?.state ?? "unknown";
}
