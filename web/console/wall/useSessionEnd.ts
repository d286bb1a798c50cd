import { computed, onMounted, onUnmounted, type Ref, ref } from "vue";
import { api, ask } from "../api/client";

const ASK_EVERY = 10 * 60_000;
/** A day ahead: whichever shift comes next can sign in when it comes, and nobody finds a dark screen at night. */
const WARN = 24 * 3_600_000;

/** When the session of a screen that nobody touches ends, and whether that is to be said now. */
export function useSessionEnd(now: Ref<number>) {
  const until = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;

  async function look(): Promise<void> {
    const { sessions } = await ask(api.GET("/api/sessions", { params: { query: { all: false } } }));
    until.value = Date.parse(sessions?.find((s) => s.current)?.until ?? "") || 0;
  }
  const quietly = () => void look().catch(() => {}); // it is asked again
  onMounted(() => {
    quietly();
    timer = setInterval(quietly, ASK_EVERY);
  });
  onUnmounted(() => clearInterval(timer));

  return { until, ending: computed(() => until.value > 0 && until.value - now.value < WARN) };
}
