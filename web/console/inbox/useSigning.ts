import { computed, type Ref, ref, watch } from "vue";
import { useAction } from "../shell/useAction";
import type { Item } from "./inbox";
import { type Signed, signAll } from "./sign";

/** Signing for what is ticked of a list. What was refused is shown before the dialog is left; while it signs it cannot be. */
export function useSigning(
  open: Ref<boolean>,
  items: () => readonly Item[],
  done: (got: Signed) => void,
  sign: typeof signAll = signAll,
) {
  /** As they were when the dialog opened: what comes meanwhile is not signed for unread. */
  const listed = ref<Item[]>([]);
  const ticked = ref<string[]>([]);
  const note = ref("");
  const result = ref<Signed>();
  const chosen = computed(() => listed.value.filter((i) => ticked.value.includes(i.id)));
  const go = useAction(async () => {
    const got = await sign(chosen.value, note.value);
    done(got);
    if (got.refused.length) result.value = got;
    else open.value = false;
  });
  /** Steps that are on their way cannot be called back: the dialog stays until it is known what came of them. */
  function close(): void {
    if (!go.busy.value) open.value = false;
  }
  watch(
    open,
    (now) => {
      if (!now) return;
      listed.value = [...items()];
      ticked.value = listed.value.map((i) => i.id);
      note.value = "";
      result.value = undefined;
      go.problem.value = null;
    },
    { immediate: true },
  );
  return { listed, ticked, note, result, chosen, go, close };
}
