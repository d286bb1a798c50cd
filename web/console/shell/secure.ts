/** Some features need https (or localhost). On plain http they are hidden, with a sentence why. */
export const secure: boolean = typeof window !== "undefined" && window.isSecureContext;

/** Keeps a gatehouse screen awake. Answers whether it could; lets go when the page is hidden, so ask again on return. */
export function stayAwake(): () => void {
  interface WakeLock {
    request(type: "screen"): Promise<{ release(): Promise<void> }>;
  }
  const lock = (navigator as { wakeLock?: WakeLock }).wakeLock;
  if (!secure || !lock) return () => {};
  let held: { release(): Promise<void> } | undefined;
  const take = () => {
    if (document.visibilityState !== "visible") return;
    lock.request("screen").then(
      (got) => {
        held = got;
      },
      () => {},
    );
  };
  take();
  document.addEventListener("visibilitychange", take);
  return () => {
    document.removeEventListener("visibilitychange", take);
    void held?.release().catch(() => {});
  };
}
