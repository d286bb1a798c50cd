import { onMounted, type Ref, watch } from "vue";
import { useRoute } from "vue-router";

/** A row of links that is wider than a phone shows where one is. */
export function useHereInView(nav: Ref<HTMLElement | undefined>): void {
  const route = useRoute();
  const show = () =>
    nav.value?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  onMounted(show);
  watch([() => route.path, nav], show, { flush: "post" });
}
