// The server is not there: a page says so, and comes by itself when the server is back.
import { ref } from "vue";

/** The page whose code could not be fetched; "": none. */
export const missing = ref("");
const AGAIN = 3000;

/** Asks until the server answers. Returns how to stop. */
export function waitForServer(back: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const again = async () => {
    const there = await fetch("/readyz", { cache: "no-store" }).then(
      (r) => r.ok,
      () => false,
    );
    if (stopped) return;
    if (there) back();
    else timer = setTimeout(again, AGAIN);
  };
  const now = () => void again();
  timer = setTimeout(again, AGAIN);
  window.addEventListener("online", now);
  return () => {
    stopped = true;
    clearTimeout(timer);
    window.removeEventListener("online", now);
  };
}
