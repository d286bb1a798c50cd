import { onUnmounted, type Ref, ref, shallowRef, watch } from "vue";
import { api, ask } from "../api/client";
import { journal } from "../api/events";
import { serverNow } from "../api/now";
import { asProblem, type Problem } from "../api/problem";
import { useCameras } from "../camera/cameras";
import { activityOf, activityStep, NO_ACTIVITY, type Row } from "./row";
import { both, gaps, join, type Span, type View } from "./timeline";

/** What the bar shows for each chosen camera, fetched for a little more than is in view. */
export function useRows(cameras: () => readonly string[], view: Ref<View>, width: () => number) {
  const rows = shallowRef<Row[]>([]);
  const problem = ref<Problem | null>(null);
  const names = useCameras();
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let have: { key: string; from: number; to: number; step: number } | undefined;

  async function load(): Promise<void> {
    const ids = cameras();
    const span = view.value.to - view.value.from;
    const from = view.value.from - span / 2;
    const to = Math.min(view.value.to + span / 2, serverNow() + 60_000);
    const step = activityStep(view.value, width());
    const mine = ++turn;
    try {
      const got = await Promise.all(ids.map((id) => row(id, from, Math.max(to, from + 1000), step)));
      if (mine !== turn) return;
      rows.value = got;
      have = { key: ids.join(), from, to, step };
      problem.value = null;
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
  }

  async function row(id: string, from: number, to: number, step: number): Promise<Row> {
    const path = { id };
    const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const [recordings, sub, activity, outages, purges] = await Promise.all([
      ask(api.GET("/api/cameras/{id}/recordings", { params: { path, query: span } })),
      // Asked of every camera: whether it has a sub stream may not be known yet.
      ask(api.GET("/api/cameras/{id}/recordings", { params: { path, query: { ...span, stream: "sub" } } })),
      ask(
        api.GET("/api/cameras/{id}/activity", { params: { path, query: { ...span, step: `${step / 1000}s` } } }),
      ).catch(() => null),
      ask(api.GET("/api/cameras/{id}/outages", { params: { path, query: span } })).catch(() => null),
      // A purge is listed by when it took place, which is after its footage.
      ask(api.GET("/api/purges", { params: { query: { camera: id, from: span.from } } })).catch(() => null),
    ]);
    const spans = recordings.spans ?? [];
    const footage = spans.map(asSpan);
    const purged = (purges?.purges ?? []).map(asSpan).sort((a, b) => a.from - b.from);
    return {
      camera: id,
      name: names.byId.get(id)?.name ?? "",
      footage,
      // The list of both has the main stream wherever there is one.
      streams: { main: spans.filter((s) => s.stream === "main").map(asSpan), sub: (sub.spans ?? []).map(asSpan) },
      gaps: (recordings.gaps ?? []).map((g) => ({ ...asSpan(g), says: g.reason })),
      holds: (recordings.holds ?? []).map((h) => ({ ...asSpan(h), says: h.reason })).sort((a, b) => a.from - b.from),
      // One that lasts since a time that nobody knows has no place on the bar.
      outages: (outages?.outages ?? [])
        .filter((o) => o.until || !o.unconfirmed)
        .map((o) => ({
          from: Date.parse(o.from),
          to: o.until ? Date.parse(o.until) : serverNow(),
          says: o.says,
        })),
      unconfirmed: spans.filter((s) => s.unconfirmed).map(asSpan),
      // The main stream goes first: where the sub stream is still there, nothing is missing.
      deleted: both(gaps(footage, { from, to }), join(purged, 1000)),
      activity: activity
        ? activityOf(
            (activity.steps ?? []).map((s) => ({ at: Date.parse(s.start), step, rate: s.bytes / (step / 1000) })),
          )
        : NO_ACTIVITY,
    };
  }

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void load(), 150);
  }

  watch(
    [cameras, view],
    () => {
      const inside =
        have &&
        have.key === cameras().join() &&
        view.value.from >= have.from &&
        Math.min(view.value.to, serverNow()) <= have.to;
      // A view much closer than what was fetched deserves finer steps.
      if (!inside || activityStep(view.value, width()) !== have!.step) soon();
    },
    { deep: true },
  );
  // What is being recorded grows at the right edge.
  const grow = setInterval(() => view.value.to > serverNow() - 60_000 && void load(), 10_000);
  const stops = ["camera.*", "hold.*", "footage.*"].map((kind) => journal.on(kind, soon));
  onUnmounted(() => {
    turn++;
    clearTimeout(timer);
    clearInterval(grow);
    for (const stop of stops) stop();
  });
  void load();
  return { rows, problem, reload: load };
}

function asSpan(s: { from: string; to: string }): Span {
  return { from: Date.parse(s.from), to: Date.parse(s.to) };
}
