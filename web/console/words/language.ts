export type Language = "zh" | "en";

/** The first of the browser's languages that we have; Chinese where it names none. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const [base] = tag.toLowerCase().split("-");
    if (base === "zh" || base === "en") return base;
  }
  return "zh";
}
