import { computed, onUnmounted, ref, shallowRef } from "vue";
import { api, ask, fetchOk } from "../api/client";
import { backoff } from "../live/backoff";
import { useAction } from "../shell/useAction";
import { type Draft, type List, working } from "./lists";

const EVERY = 400;

/** One upload, from the file to the import that it becomes. */
export function useSheet() {
  const draft = shallowRef<Draft | null>(null);
  const file = shallowRef<File | null>(null);
  const from = ref("");
  const list = ref<List>("compounds");
  const create = ref(false);
  const take = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gone = false;

  const path = () => ({ params: { path: { id: draft.value!.id } } });

  /** The server works on; the page asks how far it is. */
  function follow(d: Draft) {
    // What was chosen for one file is not chosen for the next.
    if (d.state === "done" && draft.value?.state !== "done") {
      from.value = "";
      create.value = take.value = false;
    }
    draft.value = d;
    clearTimeout(timer);
    if (!working(d) || gone) return;
    timer = setTimeout(() => void poll(), EVERY);
  }
  const look = useAction(async () => {
    if (draft.value) follow(await ask(api.GET("/api/sheet-imports/{id}", path())));
  });
  let missed = 0;
  /** One answer that does not come says nothing about the work: the page asks again, later each time, until it is told that there is none. */
  async function poll(): Promise<void> {
    clearTimeout(timer);
    await look.run();
    const why = look.problem.value;
    if (!why) missed = 0;
    else if (why.status === 404) draft.value = null;
    else if (!gone && working(draft.value) && why.status !== 401)
      timer = setTimeout(() => void poll(), backoff(missed++));
  }

  const upload = useAction(async (f: File) => {
    drop();
    file.value = f;
    const query = new URLSearchParams({ name: f.name, list: list.value });
    if (from.value) query.set("from", from.value);
    if (list.value === "buildings" && create.value) query.set("create", "true");
    if (list.value === "compounds" && take.value) query.set("take", "true");
    const reply = await fetchOk(`/api/sheet-imports?${query}`, {
      method: "POST",
      body: f,
      headers: { "Content-Type": "application/octet-stream" },
    });
    follow((await reply.json()) as Draft);
  });

  const mean = useAction(async (sheet: string, column: string, key: string) => {
    const body = { columns: [{ sheet, column, key }] };
    follow(await ask(api.PUT("/api/sheet-imports/{id}/columns", { ...path(), body })));
  });

  const commit = useAction(async (goodOnly: boolean) => {
    follow(await ask(api.POST("/api/sheet-imports/{id}/commit", { ...path(), body: { good_only: goodOnly } })));
  });

  const cancel = useAction(async () => {
    const busy = working(draft.value);
    await ask(api.POST("/api/sheet-imports/{id}/cancel", path()));
    if (busy) await look.run();
    else drop();
  });

  /** The page lets go of an upload; the server clears it by itself. */
  function drop() {
    clearTimeout(timer);
    draft.value = null;
    file.value = null;
    for (const a of [upload, mean, commit, cancel, look]) a.problem.value = null;
  }

  onUnmounted(() => {
    gone = true;
    clearTimeout(timer);
  });
  const problem = computed(
    () =>
      upload.problem.value ?? mean.problem.value ?? commit.problem.value ?? cancel.problem.value ?? look.problem.value,
  );
  return { draft, file, from, list, create, take, upload, mean, commit, cancel, look, poll, problem, drop };
}
