// What a person arranges is kept on the server, so that it is there on the next gatehouse PC too.
import { api, ask } from "../api/client";

export async function readPreference(key: string): Promise<unknown> {
  try {
    const reply = await ask(api.GET("/api/preferences/{key}", { params: { path: { key } } }));
    return reply?.value ?? null;
  } catch {
    return null;
  }
}

/** Saves at most once a second, the last value wins, and a failure is not worth disturbing anybody. */
export function preferenceWriter(key: string): (value: unknown) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (value) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      ask(api.PUT("/api/preferences/{key}", { params: { path: { key } }, body: { value } })).catch(() => {});
    }, 800);
  };
}
