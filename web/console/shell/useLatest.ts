import { getCurrentScope, onScopeDispose, ref } from "vue";
import { asProblem, type Problem } from "../api/problem";

/**
 * Reads what is asked for last: a newer call supersedes those that run still, whose answers are thrown away. read only asks; what
 * it answers is put on the page by take, which is called for the newest answer alone. For saving there is useAction.
 */
export function useLatest<A extends unknown[], T>(
  read: (...args: A) => Promise<T>,
  take: (got: T, ...args: A) => void,
) {
  const busy = ref(false);
  const problem = ref<Problem | null>(null);
  /** The last call was answered, and well. */
  const answered = ref(false);
  let turn = 0;

  async function run(...args: A): Promise<void> {
    const mine = ++turn;
    busy.value = true;
    problem.value = null;
    answered.value = false;
    try {
      const got = await read(...args);
      if (mine !== turn) return;
      take(got, ...args);
      answered.value = true;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  /** Nothing is asked for any more: what is on its way is not waited for. */
  function drop(): void {
    turn++;
    busy.value = false;
    problem.value = null;
    answered.value = false;
  }
  if (getCurrentScope()) onScopeDispose(() => turn++);

  return { busy, problem, answered, run, drop };
}
