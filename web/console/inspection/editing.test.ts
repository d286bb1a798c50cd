import { expect, it } from "vitest";
import {
  addChoice,
  addItem,
  addSection,
  blankForm,
  cleaned,
  freeName,
  goodId,
  move,
  newestOf,
  readKept,
  total,
  whereOf,
  withChoices,
  written,
} from "./editing";

it("begins with one section and one item, and gives each a name of its own", () => {
  const form = blankForm();
  addSection(form);
  addItem(form, form.sections[0]!);
  const names = form.sections.flatMap((s) => [s.name, ...s.items.map((i) => i.name)]);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(["part_1", "item_1", "item_3", "part_2", "item_2"]);
  expect(freeName(form, "item")).toBe("item_4");
});

it("sends of each item what its kind can say, and the sections' points", () => {
  const form = blankForm();
  const [first] = form.sections[0]!.items;
  Object.assign(first!, { kind: "choice", weight: 40, veto: true, full: "3", title: { zh: " 围墙 ", en: "" } });
  withChoices(first!);
  addChoice(first!);
  const text = addItem(form, form.sections[0]!);
  Object.assign(text, {
    kind: "text",
    weight: 60,
    veto: true,
    photo: "optional",
    choices: [{ name: "a", title: { zh: "x" }, share: 100 }],
  });
  const sent = cleaned(form);
  expect(sent.sections[0]!.weight).toBe(40);
  expect(total(form)).toBe(40);
  expect(sent.sections[0]!.items[0]).toEqual({
    name: "item_1",
    title: { zh: "围墙" },
    kind: "choice",
    weight: 40,
    veto: true,
    choices: [
      { name: "a", title: { zh: "" }, share: 100 },
      { name: "b", title: { zh: "" }, share: 0 },
      { name: "c", title: { zh: "" }, share: 0 },
    ],
  });
  expect(sent.sections[0]!.items[1]).toEqual({
    name: "item_2",
    title: { zh: "" },
    kind: "text",
    weight: 0,
    photo: "optional",
  });
});

it("moves within the list only, and says where a finding is", () => {
  const list = [1, 2, 3];
  move(list, 0, -1);
  move(list, 2, 1);
  move(list, 0, 1);
  expect(list).toEqual([2, 1, 3]);
  const form = blankForm();
  form.sections[0]!.title.zh = "物防";
  form.sections[0]!.items[0]!.title.zh = "围墙完好";
  expect(whereOf(form, "sections[0].items[0].title.zh", "zh")).toBe("物防 · 围墙完好");
  expect(whereOf(form, "sections[0].title", "zh")).toBe("物防");
  expect(whereOf(form, "pass", "zh")).toBe("");
});

it("knows ids that a form can have, and the form that has one already", () => {
  expect(["gate", "gate-2018", "g", "2018", "Gate", "门岗", "gate_2"].map(goodId)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  const heads = [1, 3, 2].map((number) => ({ id: "gate", number }));
  expect(newestOf(heads, "gate")?.number).toBe(3);
  expect(newestOf(heads, "gat")).toBeUndefined();
});

it("asks before a section goes in which something was written", () => {
  const form = blankForm();
  expect(written(form.sections[0]!)).toBe(false);
  form.sections[0]!.items[0]!.title.en = "Gate";
  expect(written(form.sections[0]!)).toBe(true);
});

it("takes up what a window kept, and nothing else", () => {
  const kept = { id: "gate", seen: 2, form: blankForm() };
  expect(readKept(JSON.stringify(kept))).toEqual(kept);
  expect([null, "", "{", '"x"', "{}", '{"form":{}}'].map(readKept)).toEqual([null, null, null, null, null, null]);
});
