import { computed, shallowReactive } from "vue";
import { createI18n } from "vue-i18n";
import { speak } from "../api/client";
import { chosen, keepChosen, type Language, TAG } from "./language";
import { load, type Spoken } from "./load";

export type { Language };

/** Both languages have the same sentences (words.test.ts), so none has to stand in for the other. */
export const words = createI18n({
  legacy: false,
  locale: chosen(),
  fallbackLocale: false,
  messages: {} as Record<Language, Spoken["sentences"]>,
  missingWarn: false,
  fallbackWarn: false,
});

const kits = shallowReactive(new Map<Language, Spoken["kit"]>());

/** The kit's own words, in the language of the page. */
export const kit = computed(() => kits.get(language()));

export function language(): Language {
  return words.global.locale.value as Language;
}

/** From here on the page is in this language. */
export function say(spoken: Spoken): void {
  kits.set(spoken.language, spoken.kit);
  words.global.setLocaleMessage(spoken.language, spoken.sentences);
  words.global.locale.value = spoken.language;
  document.documentElement.lang = TAG[spoken.language];
  speak(TAG[spoken.language]);
}

let turn = 0;

/** Fetches a language and speaks it. False: it could not be had, and the page stays as it is. */
export async function setLanguage(to: Language): Promise<boolean> {
  const mine = ++turn;
  try {
    const spoken = await load(to);
    if (mine !== turn) return true; // another one has been chosen meanwhile
    say(spoken);
    keepChosen(to);
    return true;
  } catch {
    return mine !== turn;
  }
}

/** Whether the message files have a sentence for a key made at run time ("state.stalled"). */
export function hasWord(key: string): boolean {
  return words.global.te(key);
}
