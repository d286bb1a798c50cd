import { computed, onUnmounted, type Ref, ref, watch } from "vue";
import { api, ask } from "../api/client";
import { useLatest } from "../shell/useLatest";

const PAUSE = 150;

/**
 * Whether a compound of a list that is on the page already is one of those whose name was typed: by its characters at once, by pinyin
 * or initials as soon as the server, which knows the readings, has said which those are.
 */
export function useFound(typed: Ref<string>, where: () => { county?: string; at?: string } = () => ({})) {
  const read = ref<{ of: string; ids: Set<string> } | null>(null);
  const needle = computed(() => typed.value.trim());
  let later: ReturnType<typeof setTimeout> | undefined;
  const find = useLatest(
    (search: string) => ask(api.GET("/api/compounds", { params: { query: { ...where(), search, limit: 500 } } })),
    (got, search) => {
      read.value = { of: search, ids: new Set((got.compounds ?? []).map((c) => c.compound)) };
    },
  );
  watch(needle, (now) => {
    clearTimeout(later);
    find.drop();
    if (/[a-z]/i.test(now)) later = setTimeout(() => void find.run(now), PAUSE);
  });
  onUnmounted(() => clearTimeout(later));

  return (compound: string, ...names: string[]): boolean =>
    needle.value === "" ||
    names.some((name) => name.includes(needle.value)) ||
    (read.value?.of === needle.value && read.value.ids.has(compound));
}
