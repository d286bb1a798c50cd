import { computed, reactive, ref } from "vue";
import { api, ask } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { useLoad } from "../shell/useLoad";
import { type Place, rowsOf } from "./tree";

/** The tree of places as of today, read where it is opened and no further. */
export function useTree() {
  const under = reactive(new Map<string, Place[]>());
  const open = reactive(new Set<string>());
  const problem = ref<Problem | null>(null);
  /** Branches that were to be opened and could not be read: asked again, they open. */
  const failed = new Set<string>();

  async function read(parent: string): Promise<void> {
    try {
      const query = { parent, limit: 5000 };
      under.set(parent, (await ask(api.GET("/api/places", { params: { query } }))).places);
    } catch (error) {
      open.delete(parent);
      failed.add(parent);
      problem.value = asProblem(error);
    }
  }
  async function show(place: string): Promise<void> {
    open.add(place);
    failed.delete(place);
    if (failed.size === 0) problem.value = null;
    if (!under.has(place)) await read(place);
  }
  const hide = (place: string) => open.delete(place);

  const tops = useLoad(
    async () => {
      const { places } = await ask(api.GET("/api/places", {}));
      for (const id of failed) open.add(id);
      failed.clear();
      problem.value = null;
      // What is open is read anew; what is shut, when it is opened again.
      for (const id of [...under.keys()]) if (!open.has(id)) under.delete(id);
      await Promise.all([...open].map(read));
      if (places.length === 1 && open.size === 0 && places[0]!.level !== "compound") await show(places[0]!.place);
      return places;
    },
    { on: ["place.*"] },
  );
  const rows = computed(() => rowsOf(tops.data.value ?? [], under, open));
  return { tops, rows, under, open, show, hide, problem };
}
