import { computed, type Ref, ref } from "vue";
import { ask, type Reply } from "../api/client";
import type { Problem } from "../api/problem";
import { useAction } from "../shell/useAction";
import { useLatest } from "../shell/useLatest";

/**
 * What there is now, with the mark that says it was read: who saves over what others said meanwhile is told so. After such a
 * refusal `again` takes what they said as seen, and what was typed stays.
 */
export function useSeen<T>(get: () => Promise<Reply<T>>, take: (now: T) => void) {
  const tag = ref("");
  const read = useLatest(
    async () => {
      const reply = await get();
      const now = await ask(Promise.resolve(reply));
      return { tag: reply.response.headers.get("ETag") ?? "", now };
    },
    (got) => {
      tag.value = got.tag;
      take(got.now);
    },
  );
  /** Nothing can be saved before it was read. */
  async function begin(): Promise<boolean> {
    tag.value = "";
    await read.run();
    return Boolean(tag.value);
  }
  /** For the form whose saving may be refused as stale. */
  function refusal(saving: { problem: Ref<Problem | null> }, after: () => void) {
    const stale = computed(() => saving.problem.value?.status === 412);
    const again = useAction(async () => {
      await read.run();
      if (!read.answered.value) return; // nothing was seen: it stays refused, and can be asked again
      saving.problem.value = null;
      after();
    });
    return { stale, again: again.run };
  }
  return { tag, busy: read.busy, problem: read.problem, begin, refusal };
}
