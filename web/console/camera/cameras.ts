import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { api, ask } from "../api/client";
import { type Connection, journal } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import type { components } from "../api/schema";

export type CameraEntry = components["schemas"]["View"];

/** How long the server is away before nobody knows any more how cameras are: a moment's interruption changes nothing on the screen. */
export const AWAY_AFTER = 3000;
const away = ref(false);

/** Every camera that this person may know of, with its health, kept fresh by the journal. */
export const useCameras = defineStore("cameras", () => {
  const all = shallowRef<CameraEntry[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  let users = 0;
  let stops: (() => void)[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;
  let slow: ReturnType<typeof setInterval> | undefined;
  let gone: ReturnType<typeof setTimeout> | undefined;

  const byId = computed(() => new Map(all.value.map((c) => [c.id, c])));

  async function reload(): Promise<void> {
    try {
      const reply = await ask(api.GET("/api/cameras"));
      all.value = reply.cameras ?? [];
      loaded.value = true;
      problem.value = null;
      stay();
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  function stay(): void {
    clearTimeout(gone);
    gone = undefined;
    away.value = false;
  }
  function heard(c: Connection): void {
    if (c === "open") reloadSoon();
    if (c === "lost")
      gone ??= setTimeout(() => {
        away.value = true;
      }, AWAY_AFTER);
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
      stops = [journal.on("camera.*", reloadSoon), journal.onConnection(heard)];
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
      stay();
    };
  }

  return { all, byId, loaded, problem, away, reload, use };
});

/** How a camera is, as far as anybody knows. */
export function stateOf(camera: CameraEntry | undefined): string {
  return away.value && camera && !camera.disabled ? "unknown" : lastStateOf(camera);
}

/** How it was when the server last said so: what a picture goes by, as a camera that was broken does not come back by silence. */
export function lastStateOf(camera: CameraEntry | undefined): string {
  if (camera?.disabled) return "disabled";
  return camera?.health?.state ?? "unknown";
}
