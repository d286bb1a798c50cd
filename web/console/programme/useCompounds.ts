import { onUnmounted, type Ref, ref, shallowRef, watch } from "vue";
import { api, ask } from "../api/client";
import { journal, RESET } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import type { components } from "../api/schema";
import { words } from "../words";
import { NEWS } from "./news";

export type CompoundState = components["schemas"]["CompoundState"];
export interface Wanted {
  at?: string;
  known?: string;
  county?: string;
  /** Only those that this figure is made of. */
  figure?: string;
  /** With a figure of duties: only those of this milestone. */
  milestone?: string;
  street?: string;
  /** A place above them, at any level. */
  under?: string;
  light?: "green" | "blue" | "yellow" | "red" | "late";
  search?: string;
  /** no: those that take no part. */
  part?: "yes" | "no";
}

const PAGE = 60;

/**
 * A list of compounds, page by page; what is on the page is read anew when the journal tells of a change. What the caller may do
 * nothing with is not read.
 */
export function useCompounds(wanted: Ref<Wanted>, may: () => boolean = () => true) {
  const list = shallowRef<CompoundState[]>([]);
  const total = ref(0);
  /** The figure that was asked for, over all of them. */
  const sum = ref(0);
  const next = ref("");
  const loading = ref(true);
  const problem = ref<Problem | null>(null);
  let turn = 0;

  const read = (more: { limit: number; after?: string }) =>
    ask(api.GET("/api/programme/compounds", { params: { query: { ...wanted.value, ...more } } }));

  async function load(keep = PAGE): Promise<void> {
    const mine = ++turn;
    loading.value = may();
    if (!loading.value) {
      list.value = [];
      total.value = 0;
      next.value = "";
      return;
    }
    try {
      const got = await read({ limit: Math.max(PAGE, keep) });
      if (mine !== turn) return;
      list.value = got.compounds ?? [];
      total.value = got.total;
      sum.value = got.sum ?? 0;
      next.value = got.next ?? "";
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  async function more(): Promise<void> {
    if (!next.value || loading.value) return;
    const mine = turn;
    loading.value = true;
    try {
      const got = await read({ limit: PAGE, after: next.value });
      if (mine !== turn) return;
      list.value = [...list.value, ...(got.compounds ?? [])];
      total.value = got.total;
      sum.value = got.sum ?? 0;
      next.value = got.next ?? "";
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  let soon: ReturnType<typeof setTimeout> | undefined;
  const stops = [...NEWS, RESET].map((kind) =>
    journal.on(kind, () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        void load(list.value.length);
      }, 250);
    }),
  );
  watch(
    () => JSON.stringify(wanted.value),
    () => void load(),
    { immediate: true },
  );
  // Under the reader's hands the list gets no shorter.
  watch(may, () => void load(list.value.length));
  watch(
    () => words.global.locale.value,
    () => void load(list.value.length),
  );
  onUnmounted(() => {
    turn++;
    clearTimeout(soon);
    for (const stop of stops) stop();
  });
  return { list, total, sum, next, loading, problem, more, reload: () => load(list.value.length) };
}
