import { computed, reactive, ref, watch } from "vue";
import { api, ask } from "../api/client";
import { useLatest } from "../shell/useLatest";
import { kindOf } from "./keep";
import type { Asset } from "./useCompound";
import { useSeen } from "./useSeen";

const blank = () => ({ number: 0 as number | undefined, condition: "", checked: "" });

/**
 * How many there are of a sort of protection from a day on. What nobody typed goes with the day that is chosen, forth and back:
 * it is what is known now of that day, as most is entered after the day that it is about.
 */
export function useCount(id: () => string, today: () => string) {
  const form = reactive({ sort: "guard", building: "", ...blank(), from: "" });
  /** What was put into the fields: who typed nothing has this there still. */
  let put = blank();
  const now = ref<Asset[]>();
  const then = ref<Asset[]>();
  const past = computed(() => form.from !== "" && form.from < today());
  /** What there is of the chosen day; nothing where it is not known, and then nothing can be saved. */
  const list = computed(() => (past.value ? then.value : now.value));
  const is = computed(() => list.value?.find((a) => a.sort === form.sort && (a.building ?? "") === form.building));

  function follow(): void {
    if (!list.value) return;
    const next = {
      number: is.value?.few ? undefined : (is.value?.number ?? 0), // so few are not told: the field is empty, and never 0
      condition: is.value?.condition ?? "",
      checked: is.value?.checked ?? "",
    };
    // The number of what is listed is nobody's to type.
    if (is.value?.listed || form.number === put.number) form.number = next.number;
    if ((form.condition ?? "") === put.condition) form.condition = next.condition;
    if ((form.checked ?? "") === put.checked) form.checked = next.checked;
    put = next;
  }
  /** Another sort, or another building: what was typed was not of it. */
  function take(): void {
    if (kindOf(form.sort) === "people") form.building = "";
    put = blank();
    Object.assign(form, put);
    follow();
  }

  const seen = useSeen(
    () => api.GET("/api/compounds/{id}", { params: { path: { id: id() } } }),
    (got) => {
      now.value = got.assets ?? [];
      void readDay();
    },
  );
  const read = useLatest(
    async (at: string) => {
      const params = { path: { id: id() }, query: { at, known: "now" } };
      return (await ask(api.GET("/api/compounds/{id}", { params }))).assets ?? [];
    },
    (got) => {
      then.value = got;
      follow();
    },
  );
  /** Asks for the chosen day; until it is there, nothing is known of it. */
  async function readDay(): Promise<void> {
    then.value = undefined;
    if (past.value) return read.run(form.from);
    read.drop();
    follow();
  }
  watch(
    () => form.from,
    (day) => {
      if (day) void readDay();
    },
  );

  /** Nothing can be typed before it was read. */
  async function begin(sort = "guard", building = ""): Promise<void> {
    read.drop();
    now.value = then.value = undefined;
    put = blank();
    Object.assign(form, { sort, building, ...put, from: today() });
    await seen.begin();
  }
  const ready = computed(() =>
    Boolean(
      form.from &&
        seen.tag.value &&
        list.value &&
        Number.isInteger(form.number) &&
        !seen.busy.value &&
        !read.busy.value,
    ),
  );
  /** As it is sent: of what is listed without its number, which is that of the list on that day. */
  const body = () => ({
    from: form.from,
    assets: [
      {
        sort: form.sort,
        ...(is.value?.listed || form.number === undefined ? {} : { number: form.number }),
        ...(form.building ? { building: form.building } : {}),
        ...(form.condition ? { condition: form.condition as "good" } : {}),
        ...(form.checked ? { checked: form.checked } : {}),
      },
    ],
  });
  return { form, is, take, seen, read, readDay, begin, ready, body };
}
