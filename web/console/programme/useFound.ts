import { computed, onUnmounted, type Ref, ref, watch } from "vue";
import { api, ask } from "../api/client";
import { useLatest } from "../shell/useLatest";

const PAUSE = 150;
/** The server names no more than so many. */
const MOST = 500;

/**
 * Whether a compound of a list that is on the page already is one of those whose name was typed: by its characters at once, by pinyin
 * or initials as soon as the server, which knows the readings, has said which those are. `many` is how many those are where they are
 * more than it names: then some may be missing from the list, and the page says so.
 */
export function useFound(typed: Ref<string>, where: () => { county?: string; at?: string } = () => ({})) {
  const read = ref<{ of: string; ids: Set<string>; total: number } | null>(null);
  const needle = computed(() => typed.value.trim());
  let later: ReturnType<typeof setTimeout> | undefined;
  const find = useLatest(
    (search: string) => ask(api.GET("/api/compounds", { params: { query: { ...where(), search, limit: MOST } } })),
    (got, search) => {
      read.value = { of: search, ids: new Set((got.compounds ?? []).map((c) => c.compound)), total: got.total };
    },
  );
  watch(needle, (now) => {
    clearTimeout(later);
    find.drop();
    if (/[a-z]/i.test(now)) later = setTimeout(() => void find.run(now), PAUSE);
  });
  onUnmounted(() => clearTimeout(later));

  const answer = computed(() => (read.value?.of === needle.value ? read.value : null));
  const many = computed(() => (answer.value && answer.value.total > answer.value.ids.size ? answer.value.total : 0));
  const has = (compound: string, ...names: string[]): boolean =>
    needle.value === "" ||
    names.some((name) => name.includes(needle.value)) ||
    answer.value?.ids.has(compound) === true;
  return { has, many };
}
