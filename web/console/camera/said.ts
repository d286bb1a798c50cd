import { useI18n } from "vue-i18n";
import type { components } from "../api/schema";

/** What the server said, in the language that the page has now: a test is not made anew because somebody reads the other one. */
export function useSaid(): (sentence?: components["schemas"]["Sentence"]) => string {
  const { locale } = useI18n();
  return (sentence) => sentence?.texts?.[locale.value] ?? sentence?.text ?? "";
}
