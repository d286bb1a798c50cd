import { ref } from "vue";
import { asProblem, type Problem } from "../api/problem";

/** Runs one thing at a time and keeps what went wrong, so that a page can say it where it happened. */
export function useAction<A extends unknown[], T>(act: (...args: A) => Promise<T>) {
  const busy = ref(false);
  const problem = ref<Problem | null>(null);

  async function run(...args: A): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    problem.value = null;
    try {
      return await act(...args);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return undefined;
      problem.value = asProblem(error);
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  return { busy, problem, run };
}
