// Answers that a page will ask for are on their way while its code still is: the page takes them, once, instead of asking again.
interface Begun {
  at: number;
  there: number;
  answer: Promise<unknown>;
}
const begun = new Map<string, Begun>();
/** Older than this it is asked for anew: the page was not opened after all. */
const FRESH = 10_000;

export function begin<T>(key: string, ask: () => Promise<T>): void {
  const answer = ask();
  const one = { at: performance.now(), there: Number.POSITIVE_INFINITY, answer };
  const came = () => {
    one.there = performance.now();
  };
  answer.then(came, came); // whoever takes it hears of a refusal
  begun.set(key, one);
}

/** `when` is told when it was asked for and when it came, once it has come; nothing of one that is asked for now. */
export async function taken<T>(
  key: string,
  ask: () => Promise<T>,
  when: (asked: number, there: number) => void = () => {},
): Promise<T> {
  const kept = begun.get(key);
  begun.delete(key);
  if (!kept || performance.now() - kept.at >= FRESH) return ask();
  const answer = (await kept.answer) as T;
  when(kept.at, kept.there);
  return answer;
}
