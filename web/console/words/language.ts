export type Language = "zh" | "en";

/** As a language is named in the page and in headers. */
export const TAG: Record<Language, string> = { zh: "zh-CN", en: "en" };

const KEY = "linli.language";

/** The first of the browser's languages that we have; Chinese where it names none. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const [base] = tag.toLowerCase().split("-");
    if (base === "zh" || base === "en") return base;
  }
  return "zh";
}

/** What was chosen here before, else what the browser prefers. */
export function chosen(): Language {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "zh" || kept === "en") return kept;
  } catch {
    // Storage may be shut off; the page works without.
  }
  return preferred(navigator.languages ?? []);
}

export function keepChosen(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // As above.
  }
}
