// The pages' own files are kept for places without a network. Browsers allow that over https and on this machine only.
import { ref } from "vue";

/** undefined: not known yet. */
export const shellKept = ref<boolean | undefined>();

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
  } catch {
    shellKept.value = false;
  }
}
