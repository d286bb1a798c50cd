import { expect, it } from "vitest";
import { preferred } from "./language";

it.each([
  [["en-US", "en"], "en"],
  [["EN-gb"], "en"],
  [["zh-CN", "zh", "en"], "zh"],
  [["zh-Hant-TW", "en"], "zh"],
  [["fr-FR", "en-US"], "en"],
  [["fr-FR", "de"], "zh"],
  [[], "zh"],
  [["", "english"], "zh"],
])("a browser that prefers %j is spoken to in %s", (languages, language) => {
  expect(preferred(languages)).toBe(language);
});
