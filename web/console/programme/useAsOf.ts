import { computed } from "vue";
import { type RouteLocationRaw, useRoute, useRouter } from "vue-router";

/** The day that the page is asked about: in the address, so that it can be sent on and gone back from. */
export function useAsOf() {
  const route = useRoute();
  const router = useRouter();
  /** "" is today by the programme's clock. */
  const at = computed(() => (typeof route.query.at === "string" ? route.query.at : ""));
  /** A past day is answered as known at its close, for ever; "now" asks for it with what was put right since. */
  const known = computed(() => (at.value && route.query.known === "now" ? "now" : ""));
  const query = computed(() => ({
    ...(at.value ? { at: at.value } : {}),
    ...(known.value ? { known: known.value } : {}),
  }));

  /** The same at the end of an address of the server: "?at=…". */
  const asked = computed(() => {
    const text = new URLSearchParams(query.value).toString();
    return text ? `?${text}` : "";
  });

  function set(day: string): void {
    const { at: _, known: __, ...rest } = route.query;
    const more = day ? { at: day, ...(known.value ? { known: known.value } : {}) } : {};
    void router.push({ path: route.path, query: { ...rest, ...more } });
  }
  function setKnown(now: boolean): void {
    const { known: _, ...rest } = route.query;
    void router.push({ path: route.path, query: now ? { ...rest, known: "now" } : rest });
  }
  /** A way to another page that stays on the day. */
  function link(path: string, more: Record<string, string> = {}): RouteLocationRaw {
    return { path, query: { ...more, ...query.value } };
  }
  return { at, known, query, asked, set, setKnown, link };
}
