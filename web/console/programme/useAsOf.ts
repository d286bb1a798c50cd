import { computed } from "vue";
import { type RouteLocationRaw, useRoute, useRouter } from "vue-router";

/** The day that the page is asked about: in the address, so that it can be sent on and gone back from. */
export function useAsOf() {
  const route = useRoute();
  const router = useRouter();
  /** "" is today by the programme's clock. */
  const at = computed(() => (typeof route.query.at === "string" ? route.query.at : ""));
  const query = computed(() => (at.value ? { at: at.value } : {}));

  function set(day: string): void {
    const { at: _, ...rest } = route.query;
    void router.push({ path: route.path, query: day ? { ...rest, at: day } : rest });
  }
  /** A way to another page that stays on the day. */
  function link(path: string, more: Record<string, string> = {}): RouteLocationRaw {
    return { path, query: { ...more, ...query.value } };
  }
  return { at, query, set, link };
}
