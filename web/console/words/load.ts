import type { Language as KitWords } from "element-plus/es/locale";
import type { Language } from "./language";
import type zh from "./zh";

/** What a page says in one language, and in which one. */
export interface Spoken {
  language: Language;
  sentences: typeof zh.sentences;
  kit: KitWords;
}

const files = { zh: () => import("./zh"), en: () => import("./en") };

/** The sentences of one language: a page brings the one that it is read in, not both. */
export async function load(language: Language): Promise<Spoken> {
  return { language, ...(await files[language]()).default };
}

/** A page that was kept for a place without a network may have been kept in the other language: better that than none. */
export async function loadEither(
  language: Language,
  from: (language: Language) => Promise<Spoken> = load,
): Promise<Spoken> {
  return from(language).catch(() => from(language === "zh" ? "en" : "zh"));
}
