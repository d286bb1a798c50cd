import { expect, it } from "vitest";
import { createI18n } from "vue-i18n";
import en from "../words/en.json";
import zh from "../words/zh.json";
import { type Difference, tell } from "./differing";

type Tree = { [key: string]: string | Tree };

/** All that is told of a difference, on one line. */
function line(language: "zh" | "en", d: Difference): string {
  const { t } = createI18n({ legacy: false, locale: language, messages: { zh, en } as Record<string, Tree> }).global;
  const told = tell(d, language, t as Parameters<typeof tell>[2]);
  return [told.act, told.of, told.place, told.field, told.was && `${told.was} → ${told.is}`].filter(Boolean).join(" ");
}

const lamps = { what: "item", name: "lamps", title: { zh: "路灯", en: "Lamps" }, in: { zh: "物防", en: "Physical" } };
const of = (d: Partial<Difference>) => ({ kind: "changed", ...lamps, ...d }) as Difference;

it("words each field of a form, in both languages", () => {
  const cases: [Difference, string, string][] = [
    [of({ kind: "added" }), "新增 项目“路灯” 章节“物防”内", "Added “Lamps” in “Physical”"],
    [
      of({ field: "kind", was: { zh: "choice" }, is: { zh: "yes-no" } }),
      "修改 项目“路灯” 类型 单选 → 是/否",
      "Changed “Lamps” kind of answer choice → yes/no",
    ],
    [
      of({ field: "may_not_apply", was: { zh: "false" }, is: { zh: "true" } }),
      "修改 项目“路灯” 可不适用 否 → 是",
      "Changed “Lamps” may be left out as not applicable No → Yes",
    ],
    [
      of({ field: "photo", is: { zh: "required" } }),
      "修改 项目“路灯” 照片 不收 → 必附",
      "Changed “Lamps” photo none → must be added",
    ],
    [
      of({ field: "when", was: { zh: "电梯：是", en: "Lift: Yes" } }),
      "修改 项目“路灯” 填写条件 电梯：是 → 一律填写",
      "Changed “Lamps” asked only when Lift: Yes → always",
    ],
    [
      of({ what: "choice", choice: { zh: "全亮", en: "All lit" }, field: "share", was: { zh: "0" }, is: { zh: "50" } }),
      "修改 项目“路灯”的选项“全亮” 得分比例 0% → 50%",
      "Changed “Lamps”, choice “All lit” share of the points 0% → 50%",
    ],
    [
      of({ kind: "moved", field: "section", was: { zh: "人防", en: "People" }, is: { zh: "物防", en: "Physical" } }),
      "移动 项目“路灯” 所在章节 人防 → 物防",
      "Moved “Lamps” section People → Physical",
    ],
    [of({ kind: "moved", field: "choices" }), "移动 项目“路灯” 选项的顺序", "Moved “Lamps” order of the choices"],
    [
      { kind: "changed", what: "form", field: "title.en", is: { zh: "", en: "Safe" } },
      "修改 检查表 英文名称 （空） → Safe",
      "Changed Form name in English (empty) → Safe",
    ],
    [
      { kind: "moved", what: "form", field: "order" },
      "移动 检查表 章节和项目的顺序",
      "Moved Form order of sections and items",
    ],
  ];
  for (const [d, chinese, english] of cases) {
    expect(line("zh", d)).toBe(chinese);
    expect(line("en", d)).toBe(english);
  }
});

// As `itemFields`, `sectionFields`, `choiceFields` and `formFields` of people/inspection/difference.go name them.
const FIELDS =
  "title.zh title.en note.zh note.en hint.zh hint.en pass mend judged mend_days weight share kind veto may_not_apply required photo when least most zero full section order choices";

it("has no code left on a Chinese page", () => {
  for (const field of FIELDS.split(" ")) {
    const was = field === "kind" ? "points" : field === "photo" ? "optional" : "";
    const told = line("zh", of({ field, was: { zh: was }, is: { zh: field === "kind" ? "decimal" : "" } }));
    expect(told, field).not.toMatch(/[a-z_]{3,}/i);
  }
});
