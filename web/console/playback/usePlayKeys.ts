import { onMounted, onUnmounted } from "vue";
import { SPEEDS } from "./player";
import type { Playback } from "./usePlayback";

/** Space, comma and full stop, J K L as in every cutting room, and up and down for the speed. */
export function usePlayKeys(playback: Playback): void {
  const faster = (by: number) => {
    const i = SPEEDS.indexOf(playback.speed.value);
    playback.setSpeed(SPEEDS[Math.min(Math.max(i + by, 0), SPEEDS.length - 1)]!);
  };
  const acts: Record<string, () => void> = {
    " ": () => playback.toggle(),
    k: () => playback.toggle(),
    ",": () => playback.step(-1),
    ".": () => playback.step(1),
    j: () => playback.seek(playback.state.wall - 10_000),
    l: () => playback.seek(playback.state.wall + 10_000),
    ArrowUp: () => faster(1),
    ArrowDown: () => faster(-1),
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [role=dialog], .el-popper")) return;
    if (event.key === " " && target.closest("button, a")) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  onMounted(() => window.addEventListener("keydown", onKey));
  onUnmounted(() => window.removeEventListener("keydown", onKey));
}
