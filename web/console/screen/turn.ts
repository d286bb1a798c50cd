import { computed, onScopeDispose, ref } from "vue";

/** How long a leaf stands. */
export const TURN = 15_000;
/** How many turns long it waits for who has stopped somewhere on it: longer, and it was only left there. */
export const PATIENCE = 4;

/** One leaf of a list that is too long for a screen on which nothing scrolls: as few as need be, of the same length. */
export function leaf<T>(list: T[], most: number, turn: number): { rows: T[]; at: number; of: number } {
  const of = Math.max(1, Math.ceil(list.length / most));
  const long = Math.ceil(list.length / of);
  const at = turn % of;
  return { rows: list.slice(at * long, (at + 1) * long), at, of };
}

/** Turns the leaves by itself, but not while somebody goes about on one of them: held tells on what of it they are. */
export function useTurn<T>(list: () => T[], most: number, held: () => unknown = () => null) {
  const turn = ref(0);
  let on: unknown = null;
  let waited = 0;
  const timer = setInterval(() => {
    const now = held();
    waited = now && now === on ? waited + 1 : 0;
    on = now;
    if (!now || waited >= PATIENCE) turn.value++;
  }, TURN);
  onScopeDispose(() => clearInterval(timer));
  return computed(() => leaf(list(), most, turn.value));
}
