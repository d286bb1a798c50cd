// Answers that a page will ask for are on their way while its code still is: the page takes them, once, instead of asking again.
const begun = new Map<string, { at: number; answer: Promise<unknown> }>();
/** Older than this it is asked for anew: the page was not opened after all. */
const FRESH = 10_000;

export function begin<T>(key: string, ask: () => Promise<T>): void {
  const answer = ask();
  answer.catch(() => {}); // whoever takes it hears of it
  begun.set(key, { at: Date.now(), answer });
}

export function taken<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const kept = begun.get(key);
  begun.delete(key);
  return kept && Date.now() - kept.at < FRESH ? (kept.answer as Promise<T>) : ask();
}
