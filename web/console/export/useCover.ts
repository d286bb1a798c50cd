import { onUnmounted, reactive, watch } from "vue";
import { api, ask } from "../api/client";
import type { Span } from "../playback/timeline";
import { type Cover, coverOf } from "./cover";

/** Asks what each camera has of a span, a moment after it was chosen. What could not be asked is not there. */
export function useCover(cameras: () => string[], span: () => Span | null) {
  const covers = reactive(new Map<string, Cover>());
  let turn = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    const mine = ++turn;
    const asked = span();
    if (!asked) return;
    await Promise.all(
      cameras().map(async (id) => {
        const query = { from: new Date(asked.from).toISOString(), to: new Date(asked.to).toISOString() };
        const got = await ask(api.GET("/api/cameras/{id}/recordings", { params: { path: { id }, query } })).catch(
          () => null,
        );
        if (mine === turn && got) covers.set(id, coverOf(got.spans ?? [], asked));
      }),
    );
  }
  watch(
    () => [cameras().join(), span()?.from, span()?.to],
    () => {
      covers.clear();
      turn++;
      clearTimeout(soon);
      soon = setTimeout(() => void load(), 250);
    },
    { immediate: true },
  );
  onUnmounted(() => clearTimeout(soon));
  return covers;
}
