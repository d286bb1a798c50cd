import { onUnmounted, type Ref, ref, shallowRef, watch } from "vue";
import { journal, RESET } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import { words } from "../words";

interface LoadOptions {
  /** Journal kinds after which what is shown is out of date. */
  on?: string[];
  /** Plain data whose change calls for a new load; that it was written anew with the same in it is none. */
  when?: () => unknown;
  /** Milliseconds between loads by themselves; 0: none. */
  every?: number;
}

/** Something fetched and kept fresh. The old value stays on the page while a newer one is on its way. */
export function useLoad<T>(load: () => Promise<T>, options: LoadOptions = {}) {
  const data = shallowRef<T | null>(null) as Ref<T | null>;
  const problem = ref<Problem | null>(null);
  const loading = ref(false);
  let turn = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;

  async function reload(): Promise<void> {
    const mine = ++turn;
    loading.value = true;
    try {
      const got = await load();
      if (mine !== turn) return;
      data.value = got;
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  // A storm of events (sixteen cameras coming back) is one load.
  function reloadSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      void reload();
    }, 250);
  }

  const kinds = options.on ? [...options.on, RESET] : [];
  const stops = kinds.map((kind) => journal.on(kind, reloadSoon));
  const timer = options.every ? setInterval(() => void reload(), options.every) : undefined;
  const { when } = options;
  if (when)
    watch(
      () => JSON.stringify(when()),
      () => void reload(),
    );
  // The server words part of its answers in the page's language. What is loaded once may be in somebody's hands already.
  if (options.on || options.when || options.every)
    watch(
      () => words.global.locale.value,
      () => void reload(),
    );
  onUnmounted(() => {
    turn++;
    clearTimeout(soon);
    clearInterval(timer);
    for (const stop of stops) stop();
  });
  void reload();
  return { data, problem, loading, reload };
}
