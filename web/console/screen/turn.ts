import { computed, onUnmounted, ref } from "vue";

/** How long a leaf stands. */
export const TURN = 15_000;

/** One leaf of a list that is too long for a screen on which nothing scrolls: as few as need be, of the same length. */
export function leaf<T>(list: T[], most: number, turn: number): { rows: T[]; at: number; of: number } {
  const of = Math.max(1, Math.ceil(list.length / most));
  const long = Math.ceil(list.length / of);
  const at = turn % of;
  return { rows: list.slice(at * long, (at + 1) * long), at, of };
}

/** Turns the leaves by itself, but not while somebody is on one of them. */
export function useTurn<T>(list: () => T[], most: number, held: () => boolean = () => false) {
  const turn = ref(0);
  const timer = setInterval(() => {
    if (!held()) turn.value++;
  }, TURN);
  onUnmounted(() => clearInterval(timer));
  return computed(() => leaf(list(), most, turn.value));
}
