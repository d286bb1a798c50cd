import { onUnmounted, reactive, ref } from "vue";
import { serverNow } from "../api/now";
import { Player, type PlayerState, type Speed } from "./player";
import { DAY } from "./timeline";

/** One player for a page: its clock, its speed, and what it says about itself. */
export function usePlayback(start: number) {
  const state = reactive<PlayerState>({ wall: start, playing: false, waiting: false, ended: false });
  const speed = ref<Speed>(1);
  const skipped = ref<{ from: number; to: number } | null>(null);
  const scrubbing = ref<number>();
  let hush: ReturnType<typeof setTimeout> | undefined;

  const player = new Player(
    start,
    (next) => Object.assign(state, next),
    (from, to) => {
      skipped.value = { from, to };
      clearTimeout(hush);
      hush = setTimeout(() => {
        skipped.value = null;
      }, 5000);
    },
  );
  onUnmounted(() => {
    clearTimeout(hush);
    player.close();
  });

  function setSpeed(to: Speed): void {
    speed.value = to;
    player.setSpeed(to);
  }

  function seek(t: number): void {
    void player.seek(Math.min(Math.max(t, serverNow() - 400 * DAY), serverNow()));
  }

  /** Who goes frame by frame wants to see every frame. */
  function step(direction: 1 | -1): void {
    if (speed.value > 2) setSpeed(1);
    void player.step(direction).catch(() => {});
  }

  const toggle = () => (state.playing ? player.pause() : player.play());

  return { player, state, speed, skipped, scrubbing, setSpeed, seek, step, toggle };
}

export type Playback = ReturnType<typeof usePlayback>;
