import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Language } from "./language";
import type { Spoken } from "./load";

const waiting = new Map<Language, { bring: () => void; fail: () => void }>();
const sentences = { zh: { act: { again: "重试" } }, en: { act: { again: "Again" } } };
const spoken = (language: Language) =>
  ({ language, sentences: sentences[language], kit: { name: language } }) as unknown as Spoken;
vi.mock("./load", () => ({
  load: (language: Language) =>
    new Promise<Spoken>((bring, fail) =>
      waiting.set(language, { bring: () => bring(spoken(language)), fail: () => fail(new Error("no network")) }),
    ),
}));
const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, to: string) => kept.set(key, to),
});
vi.stubGlobal("navigator", { languages: ["zh-CN"] });
const { hasWord, kit, language, say, setLanguage, words } = await import(".");
vi.stubGlobal("document", { documentElement: { lang: "" } });

beforeEach(() => {
  kept.clear();
  say(spoken("zh"));
});

describe("the language of the page", () => {
  it("is spoken once its sentences are there, by the kit and to the server, too", async () => {
    expect([language(), words.global.t("act.again"), kit.value?.name, document.documentElement.lang]).toEqual([
      "zh",
      "重试",
      "zh",
      "zh-CN",
    ]);
    const changed = setLanguage("en");
    expect(language()).toBe("zh");
    waiting.get("en")!.bring();
    expect(await changed).toBe(true);
    expect([language(), words.global.t("act.again"), kit.value?.name, document.documentElement.lang]).toEqual([
      "en",
      "Again",
      "en",
      "en",
    ]);
    expect(kept.get("linli.language")).toBe("en");
    expect([hasWord("act.again"), hasWord("act.never")]).toEqual([true, false]);
  });

  it("stays, and is not forgotten, when the other one cannot be fetched", async () => {
    const changed = setLanguage("en");
    waiting.get("en")!.fail();
    expect(await changed).toBe(false);
    expect([language(), kept.size]).toEqual(["zh", 0]);
  });

  it("is the one that was chosen last, whichever comes first", async () => {
    const english = setLanguage("en");
    const chinese = setLanguage("zh");
    waiting.get("zh")!.bring();
    waiting.get("en")!.bring();
    expect(await Promise.all([english, chinese])).toEqual([true, true]);
    expect([language(), kept.get("linli.language")]).toEqual(["zh", "zh"]);
  });
});
