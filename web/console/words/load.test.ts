import { describe, expect, it } from "vitest";
import en from "./en";
import type { Language } from "./language";
import { load, loadEither, type Spoken } from "./load";
import zh from "./zh";

describe("the sentences of a language", () => {
  it("come with the kit's own", async () => {
    expect(await load("zh")).toEqual({ language: "zh", ...zh });
    expect(await load("en")).toEqual({ language: "en", ...en });
    expect([zh.kit.name, en.kit.name]).toEqual(["zh-cn", "en"]);
  });

  it("come in the other language where only that one was kept", async () => {
    const only = (there: Language) => (asked: Language) =>
      asked === there ? Promise.resolve({ language: asked } as Spoken) : Promise.reject(new Error("not kept"));
    expect((await loadEither("en", only("zh"))).language).toBe("zh");
    expect((await loadEither("zh", only("en"))).language).toBe("en");
    expect((await loadEither("en", only("en"))).language).toBe("en");
    await expect(loadEither("en", () => Promise.reject(new Error("nothing")))).rejects.toThrow("nothing");
  });
});
