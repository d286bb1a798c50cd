import { type Ref, ref, watch } from "vue";

/** True once the page has been painted with something: what may come later waits for it, and leaves the first picture the processor. */
export function useAfterPaint(there: () => boolean): Ref<boolean> {
  const after = ref(false);
  watch(
    there,
    (now) => {
      if (now && !after.value) requestAnimationFrame(() => setTimeout(() => (after.value = true)));
    },
    { immediate: true, flush: "post" },
  );
  return after;
}
