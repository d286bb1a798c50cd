// What divisions are called in English texts. Lists know the name only, so it is looked up by that.
import { shallowRef } from "vue";

const english = shallowRef<ReadonlyMap<string, string>>(new Map());

/** The names that the server gave; until then, and of what it does not name, the name itself stands. */
export function keepNames(names: Record<string, string>): void {
  english.value = new Map(Object.entries(names));
}

/** A county, street or community in the reader's language. */
export function called(name: string | undefined, language: string): string {
  return (language === "en" && name && english.value.get(name)) || name || "";
}

/** Several of them as the server writes them in one line. */
export const calledIn = (line: string | undefined, language: string): string =>
  calledAll((line ?? "").split(" · "), language);

/** Several of them, one in the other, the largest first. */
export function calledAll(names: (string | undefined)[], language: string, between = " · "): string {
  return names
    .filter(Boolean)
    .map((n) => called(n, language))
    .join(between);
}
