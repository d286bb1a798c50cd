import { computed, type Ref, ref, shallowRef, watch } from "vue";
import { api, ask } from "../api/client";
import type { Problem } from "../api/problem";
import { useLatest } from "../shell/useLatest";
import type { Entry } from "./tasks";

const read = (id: string) => ask(api.GET("/api/supervision-tasks/{id}", { params: { path: { id } } }));

/**
 * The task that is open: of the list, and fresh with it; one that is not there, behind a filter or struck off since, is fetched
 * by itself, and anew whenever the list is.
 */
export function useOpened(
  list: Ref<{ tasks: Entry[] } | null>,
  failed: Ref<Problem | null>,
  one: (id: string) => Promise<Entry> = read,
) {
  const id = ref<string | null>(null);
  const fetched = shallowRef<Entry | null>(null);
  const find = useLatest(one, (got) => {
    fetched.value = got;
  });
  const listed = computed(() => list.value?.tasks.find((e) => e.id === id.value));
  const shown = computed(() => {
    if (!id.value) return null;
    return listed.value ?? (fetched.value?.id === id.value ? fetched.value : null);
  });
  function fetch(): void {
    if (!id.value || listed.value) find.drop();
    else if (list.value || failed.value) void find.run(id.value);
  }
  watch([id, list, failed], fetch);
  return { id, shown, problem: find.problem, again: fetch };
}
