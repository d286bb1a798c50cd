import { computed, onUnmounted, ref, shallowRef, watch } from "vue";
import { api, ask, fetchOk } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Answer, View } from "../inspection/inspections";
import { useSession } from "../session/session";
import { box, type Kept, type Picture, type Waiting } from "./box";
import { answerOf, shownOf, wire } from "./fill";
import { shrink } from "./shrink";

/** Without letters that a phone's browser of 2020 could not make. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const AGAIN = 10_000;
const AT_ONCE = 200;

/** One inspection on the phone: everything is written down here first, and goes to the server when there is a way. */
export function useField(id: () => string) {
  const session = useSession();
  const kept = shallowRef<Kept | null>(null);
  const waiting = shallowRef<Waiting[]>([]);
  const pictures = shallowRef<Picture[]>([]);
  const loaded = ref(false);
  const sending = ref(false);
  /** The server was reached at the last attempt. */
  const reached = ref<boolean | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const account = computed(() => session.me?.account ?? kept.value?.account ?? "");

  const answers = computed(() => kept.value?.inspection.answers ?? []);
  const mine = computed(() => waiting.value.map((w) => w.answer));
  const shown = (item: string) => shownOf(answers.value, mine.value, item);
  const unsent = computed(() => ({
    answers: waiting.value.filter((w) => !w.refused).length,
    photos: pictures.value.filter((p) => !p.sent && !p.refused).length,
    refused: waiting.value.filter((w) => w.refused).length + pictures.value.filter((p) => p.refused).length,
  }));

  async function reread(): Promise<void> {
    const own = (x: { account: string }) => !session.me || x.account === session.me.account;
    const found = await box.kept(id());
    kept.value = found && own(found) ? found : null;
    waiting.value = (await box.waiting(id())).filter(own);
    pictures.value = (await box.pictures(id())).filter(own);
  }

  function put(inspection: View): Promise<unknown> {
    if (!kept.value) return Promise.resolve();
    kept.value = { ...kept.value, inspection, saved: new Date().toISOString() };
    return box.keep(kept.value);
  }

  /** Fetches the inspection with its form; what is on the phone stays until then, and without a network. */
  async function refresh(): Promise<void> {
    try {
      const got = await ask(api.GET("/api/inspections/{id}/bundle", { params: { path: { id: id() } } }));
      reached.value = true;
      problem.value = null;
      kept.value = {
        id: id(),
        account: session.me?.account ?? account.value,
        name: session.me?.name ?? "",
        inspection: got.inspection,
        form: got.form,
        saved: new Date().toISOString(),
      };
      await box.keep(kept.value);
    } catch (error) {
      fell(asProblem(error));
    }
  }
  function fell(p: Problem): void {
    reached.value = !p.unreachable;
    problem.value = p.unreachable ? null : p;
  }

  async function say(item: string, change: Partial<Answer>): Promise<void> {
    const answer = answerOf(shown(item), change, answers.value, newId(), new Date().toISOString(), account.value);
    const entry: Waiting = { id: answer.id, inspection: id(), account: account.value, answer };
    waiting.value = [...waiting.value.filter((w) => !(w.refused && w.answer.item === item)), entry];
    await box.wait(entry);
    soon();
  }

  async function take(item: string, file: Blob): Promise<void> {
    const picture: Picture = {
      id: newId(),
      inspection: id(),
      account: account.value,
      item,
      blob: await shrink(file),
      sent: false,
    };
    await box.picture(picture);
    pictures.value = [...pictures.value, picture];
    await say(item, { photos: [...(shown(item).answer?.photos ?? []), picture.id] });
  }

  async function drop(item: string, photo: string): Promise<void> {
    await say(item, { photos: (shown(item).answer?.photos ?? []).filter((p) => p !== photo) });
    const picture = pictures.value.find((p) => p.id === photo);
    if (!picture || picture.sent) return;
    pictures.value = pictures.value.filter((p) => p.id !== photo);
    await box.dropPicture(photo);
  }

  /** Sends what waits: photos, then answers. Each has an id of the phone's own, so that what arrives twice is kept once. */
  async function flush(): Promise<void> {
    if (sending.value || !session.me || !kept.value) return;
    sending.value = true;
    try {
      for (const p of pictures.value.filter((x) => !x.sent && !x.refused)) await sendPicture(p);
      for (;;) {
        const some = waiting.value.filter((w) => !w.refused).slice(0, AT_ONCE);
        if (some.length === 0) break;
        const body = { answers: some.map((w) => wire(w.answer)) };
        const got = await ask(api.POST("/api/inspections/{id}/answers", { params: { path: { id: id() } }, body }));
        const byId = new Map(got.kept.map((k) => [k.id, k]));
        for (const w of some) {
          const said = byId.get(w.id);
          if (!said || said.kept) await box.arrived(w.id);
          else await box.wait({ ...w, refused: said.says || said.code || "?" });
        }
        await put(got.inspection);
        waiting.value = await box.waiting(id());
      }
      reached.value = true;
      problem.value = null;
    } catch (error) {
      fell(asProblem(error));
    } finally {
      sending.value = false;
    }
  }
  async function sendPicture(p: Picture): Promise<void> {
    let now: Picture = { ...p, sent: true };
    try {
      await fetchOk(`/api/inspections/${id()}/photos?client=${p.id}`, {
        method: "POST",
        headers: { "Content-Type": "application/octet-stream" },
        body: p.blob,
      });
    } catch (error) {
      const why = asProblem(error);
      // No way, not signed in, the server in trouble: later. Everything else is said of this picture and stops none of the others.
      if (why.unreachable || why.status === 401 || why.status === 429 || why.status >= 500) throw why;
      now = { ...p, refused: why.message };
    }
    await box.picture(now);
    pictures.value = pictures.value.map((x) => (x.id === p.id ? now : x));
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  function soon(after = 600): void {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), after);
  }
  async function tick(): Promise<void> {
    // Whoever opened the page without a network is not known yet: ask again once there is one.
    if (!session.me) await session.ready();
    if (session.me) await flush();
    if (reached.value === false || !kept.value) await refresh();
  }
  const every = setInterval(() => {
    if (unsent.value.answers + unsent.value.photos > 0 || reached.value !== true) void tick();
  }, AGAIN);
  const online = () => void tick();
  const back = () => document.visibilityState === "visible" && void tick();
  const leaving = (e: BeforeUnloadEvent) => {
    if (sending.value) e.preventDefault();
  };
  window.addEventListener("online", online);
  document.addEventListener("visibilitychange", back);
  window.addEventListener("beforeunload", leaving);
  onUnmounted(() => {
    clearInterval(every);
    clearTimeout(timer);
    window.removeEventListener("online", online);
    document.removeEventListener("visibilitychange", back);
    window.removeEventListener("beforeunload", leaving);
  });

  async function start(): Promise<void> {
    loaded.value = false;
    await reread().catch(() => {});
    loaded.value = true;
    await session.ready();
    await reread().catch(() => {});
    await flush();
    await refresh();
  }
  watch(id, () => void start(), { immediate: true });

  async function sign(): Promise<boolean> {
    await flush();
    const digest = kept.value?.inspection.digest;
    if (!digest) return false;
    try {
      const got = await ask(
        api.POST("/api/inspections/{id}/signatures", { params: { path: { id: id() } }, body: { digest } }),
      );
      await put(got);
      return true;
    } catch (error) {
      const p = asProblem(error);
      if (p.status !== 401) await refresh();
      problem.value = p;
      return false;
    }
  }

  return {
    kept,
    loaded,
    waiting,
    pictures,
    sending,
    reached,
    problem,
    unsent,
    account,
    shown,
    say,
    take,
    drop,
    flush,
    refresh,
    sign,
  };
}
