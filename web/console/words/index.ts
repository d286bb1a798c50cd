import { createI18n } from "vue-i18n";
import { speak } from "../api/client";
import en from "./en.json";
import { type Language, preferred } from "./language";
import zh from "./zh.json";

export type { Language };

const KEY = "linli.language";

function chosen(): Language {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "zh" || kept === "en") return kept;
  } catch {
    // Storage may be shut off; the page works without.
  }
  return preferred(navigator.languages ?? []);
}

export const words = createI18n({
  legacy: false,
  locale: chosen(),
  fallbackLocale: "zh",
  messages: { zh, en },
  missingWarn: false,
  fallbackWarn: false,
});

export function language(): Language {
  return words.global.locale.value as Language;
}

export function setLanguage(to: Language): void {
  words.global.locale.value = to;
  apply(to);
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // As above.
  }
}

function apply(to: Language): void {
  const tag = to === "zh" ? "zh-CN" : "en";
  document.documentElement.lang = tag;
  speak(tag);
}

apply(language());

/** Whether the message files have a sentence for a key made at run time ("state.stalled"). */
export function hasWord(key: string): boolean {
  return words.global.te(key) || words.global.te(key, "zh");
}
