import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createI18n } from "vue-i18n";
import en from "./en.json";
import zh from "./zh.json";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") out.set(prefix + key, value);
    else for (const [k, v] of flat(value, `${prefix}${key}.`)) out.set(k, v);
  }
  return out;
}

const chinese = flat(zh as Tree);
const english = flat(en as Tree);
const root = join(import.meta.dirname, "..");

function sources(dir = root): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(vue|ts)$/.test(name) && !name.endsWith(".test.ts") && name !== "schema.ts" ? [path] : [];
  });
}

/** Once each: a language with plurals names a value in each form. */
const args = (s: string) => [...new Set([...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();

describe("the message files", () => {
  it("say the same things in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it("use the same values in both", () => {
    for (const [key, sentence] of chinese) expect(args(english.get(key) ?? ""), key).toEqual(args(sentence));
  });

  it("hold no empty sentence, and Chinese where Chinese is due", () => {
    for (const [key, sentence] of [...chinese, ...english]) expect(sentence.trim(), key).not.toBe("");
    for (const [key, sentence] of english)
      expect(/[\u4e00-\u9fff]/.test(sentence) && key !== "shell.chinese", `en ${key}`).toBe(false);
  });
});

describe("the pages", () => {
  const files = sources().map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, "utf8") }));

  it("have all their words in the message files", () => {
    // Times have their unit letters beside them; comments may quote.
    const allowed = new Set(["words/time.ts"]);
    for (const { path, text } of files) {
      if (allowed.has(path)) continue;
      const code = text.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(^|\s)\/\/.*$/gm, "");
      expect(code.match(/[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+/g) ?? [], path).toEqual([]);
    }
  });

  it("ask only for sentences that exist", () => {
    for (const { path, text } of files) {
      for (const match of text.matchAll(/(?:\bt|\$t)\(\s*"([\w.-]+)"/g)) {
        expect(chinese.has(match[1]!), `${path}: ${match[1]}`).toBe(true);
      }
    }
  });

  it("leave no sentence unused", () => {
    const all = files.map((f) => f.text).join("\n");
    // Keys made at run time: `state.${x}` keeps everything below "state.".
    const made = [...all.matchAll(/`([\w.-]+\.)\$\{/g)].map((m) => m[1]!);
    const quoted = new Set([...all.matchAll(/["'`]([\w.-]+)(?=["'`])/g)].map((m) => m[1]!));
    const unused = [...chinese.keys()].filter((key) => !quoted.has(key) && !made.some((p) => key.startsWith(p)));
    expect(unused).toEqual([]);
  });
});

describe("a count", () => {
  it("has its noun in the right number", () => {
    const say = (locale: string, n: number) =>
      createI18n({ legacy: false, locale, messages: { zh, en } as Record<string, Tree> }).global.t("system.days-n", n);
    expect([0, 1, 2].map((n) => say("en", n))).toEqual(["0 days", "1 day", "2 days"]);
    expect([0, 1, 2].map((n) => say("zh", n))).toEqual(["0 天", "1 天", "2 天"]);
  });
});
