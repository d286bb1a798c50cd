import { describe, expect, it } from "vitest";
import type { Answer, Item, Settled } from "../inspection/inspections";
import { answerOf, asked, lacks, shownOf, takes, wire } from "./fill";

const answer = (id: string, by: string, value: string, more: Partial<Answer> = {}): Answer => ({
  id,
  item: "gate",
  value,
  by,
  at: `2017-11-28T0${id.length}:00:00Z`,
  ...more,
});
const stands = (...answers: Answer[]): Settled => ({
  item: "gate",
  answers,
  answer: answers[0]!,
  differ: new Set(answers.map((a) => a.value)).size > 1,
});

describe("what a phone shows of an item", () => {
  it("is the server's answer, until something newer was typed here", () => {
    const there = [stands(answer("a", "li", "yes"))];
    expect(shownOf(there, [], "gate")).toMatchObject({ answer: { value: "yes" }, unsent: false, differ: [] });
    const mine = answer("bb", "wang", "no", { replaces: ["a"] });
    expect(shownOf(there, [mine], "gate")).toMatchObject({ answer: { value: "no" }, unsent: true, differ: [] });
    expect(shownOf([], [], "gate").answer).toBeUndefined();
  });

  it("keeps a team mate's other answer beside one that had not seen it", () => {
    const there = [stands(answer("a", "li", "yes"))];
    const shown = shownOf(there, [answer("bb", "wang", "no")], "gate");
    expect(shown.differ.map((a) => a.by)).toEqual(["wang", "li"]);
    expect(shownOf(there, [answer("bb", "wang", "yes")], "gate").differ).toEqual([]);
  });

  it("settles a difference by an answer that replaces all that were on the page", () => {
    const there = [stands(answer("a", "li", "yes"), answer("b", "wang", "no"))];
    const shown = shownOf(there, [], "gate");
    expect(shown.differ).toHaveLength(2);
    const chosen = answerOf(shown, { value: "yes" }, there, "c", "2017-11-28T09:00:00Z", "wang");
    expect(chosen.replaces?.slice().sort()).toEqual(["a", "b"]);
    expect(shownOf(there, [chosen], "gate").differ).toEqual([]);
    expect(wire(chosen)).not.toHaveProperty("by");
  });

  it("says either a value or why it does not apply", () => {
    const none = shownOf([], [], "gate");
    const na = answerOf(none, { not_applicable: true, reason: "no gate", value: "yes" }, [], "c", "", "wang");
    expect([na.value, na.reason]).toEqual(["", "no gate"]);
    const again = answerOf({ ...none, answer: na }, { not_applicable: false, value: "no" }, [], "d", "", "wang");
    expect([again.value, again.reason]).toEqual(["no", ""]);
  });
});

describe("a form on the phone", () => {
  const item = (name: string, more: Partial<Item> = {}): Item => ({
    name,
    title: { zh: name },
    kind: "yes-no",
    weight: 5,
    ...more,
  });
  it("asks what follows only where what it follows from was answered so", () => {
    const form = {
      sections: [
        {
          name: "s",
          title: { zh: "s" },
          weight: 5,
          items: [
            item("gate"),
            item("lock", { when: { item: "gate", value: "yes" } }),
            item("key", { when: { item: "lock", value: "yes" } }),
          ],
        },
      ],
    };
    const said = (values: Record<string, string>) => (name: string) =>
      values[name] ? answer("a", "li", values[name]) : undefined;
    expect([...asked(form, said({ gate: "yes" }))]).toEqual(["gate", "lock"]);
    expect([...asked(form, said({ gate: "no", lock: "yes" }))]).toEqual(["gate"]);
    expect([...asked(form, said({ gate: "yes", lock: "yes" }))]).toEqual(["gate", "lock", "key"]);
  });

  it("knows what is still lacking", () => {
    const shown = (a?: Partial<Answer>) => ({
      item: "gate",
      answer: a ? { ...answer("a", "li", ""), ...a } : undefined,
      differ: [],
      unsent: false,
    });
    expect(lacks(item("gate"), shown())).toBe(true);
    expect(lacks(item("gate", { weight: 0 }), shown())).toBe(false);
    expect(lacks(item("gate"), shown({ not_applicable: true, reason: "no gate" }))).toBe(false);
    expect(lacks(item("gate", { photo: "required" }), shown({ value: "yes" }))).toBe(true);
    expect(lacks(item("gate", { photo: "required" }), shown({ value: "yes", photos: ["p"] }))).toBe(false);
    expect(lacks(item("gate", { kind: "photo" }), shown({ photos: ["p"] }))).toBe(false);
  });

  it("takes only numbers within their bounds", () => {
    expect([
      takes(item("n", { kind: "points" }), "5"),
      takes(item("n", { kind: "points" }), "6"),
      takes(item("n", { kind: "points" }), "4.5"),
    ]).toEqual([true, false, false]);
    expect([
      takes(item("n", { kind: "decimal", least: "1", most: "2" }), "1.25"),
      takes(item("n", { kind: "decimal", most: "2" }), "2.01"),
    ]).toEqual([true, false]);
    expect(takes(item("n", { kind: "integer" }), "1e3")).toBe(false);
  });
});
