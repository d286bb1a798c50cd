const KEY = "linli-anew";
const SOON = 3000;
const LATE = 300_000;

/**
 * The server went away while the page's code was on its way: nothing is there to say it with, and on a screen that nobody stands
 * before nobody reloads. Begins anew once the server answers; what fails again and again, ever later.
 */
export async function anew(): Promise<void> {
  const times = Number(sessionStorage.getItem(KEY) ?? 0);
  sessionStorage.setItem(KEY, String(times + 1));
  for (let wait = Math.min(SOON * 2 ** times, LATE); ; wait = SOON) {
    await new Promise((done) => setTimeout(done, wait));
    const there = await fetch("/readyz", { cache: "no-store" }).then(
      (reply) => reply.ok,
      () => false,
    );
    if (there) return location.reload();
  }
}

/** The page stands: the next fault is a first one. */
export const stands = (): void => sessionStorage.removeItem(KEY);
