import { readonly, ref } from "vue";

const on = ref(false);

document.addEventListener("fullscreenchange", () => {
  on.value = document.fullscreenElement !== null;
});

async function toggle(): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch {
    // The browser refused (a policy, no gesture): the page stays as it is.
  }
}

/** The whole document fills the screen, not one part of it: messages and dialogs stand beside the pages and must be seen. */
export function useFullScreen() {
  return { on: readonly(on), toggle };
}
