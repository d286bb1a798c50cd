// The pages' own files are kept for places without a network. Browsers allow that over https and on this machine only.
import { ref, watch } from "vue";
import { words } from "../words";

/** undefined: not known yet. */
export const shellKept = ref<boolean | undefined>();

let kept = false;

export async function keepShell(): Promise<void> {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) {
    shellKept.value = false;
    return;
  }
  try {
    await navigator.serviceWorker.register("/sw.js");
    const worker = (await navigator.serviceWorker.ready).active;
    navigator.serviceWorker.addEventListener("message", (e) => {
      if ((e.data as { kept?: boolean } | null)?.kept) shellKept.value = true;
    });
    const files = performance
      .getEntriesByType("resource")
      .map((r) => new URL(r.name))
      .filter((u) => u.origin === location.origin && /^\/(assets\/|favicon\.svg)/.test(u.pathname))
      .map((u) => u.pathname);
    const build = document.querySelector<HTMLScriptElement>("script[type=module][src]")?.src.replace(/^.*\//, "");
    worker?.postMessage({ keep: ["/", ...new Set(files)], build });
    if (kept) return;
    kept = true;
    // A language chosen later is a file more.
    watch(
      () => words.global.locale.value,
      () => void keepShell(),
    );
  } catch {
    shellKept.value = false;
  }
}
