import { onUnmounted, ref } from "vue";

export function useFullScreen(element: () => HTMLElement | null | undefined) {
  const on = ref(false);
  const look = () => {
    on.value = document.fullscreenElement !== null && document.fullscreenElement === element();
  };
  document.addEventListener("fullscreenchange", look);
  onUnmounted(() => document.removeEventListener("fullscreenchange", look));

  async function toggle(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await element()?.requestFullscreen();
    } catch {
      // The browser refused (a policy, no gesture): the page stays as it is.
    }
  }
  return { on, toggle };
}
