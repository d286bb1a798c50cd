import { describe, expect, it } from "vitest";
import { doneAt } from "./doneAt";

describe("what waits", () => {
  it("leads to the page on which it is done", () => {
    expect(doneAt({ kind: "task-sign", id: "t" })).toBe("/tasks/list?task=t");
    expect(doneAt({ kind: "task-check", id: "t" })).toBe("/tasks/list?task=t");
    expect(doneAt({ kind: "return-owed", id: "2017-08-01", place: "k" })).toBe("/returns/k/2017-08");
    expect(doneAt({ kind: "relief-decide", id: "r", place: "x" })).toBe("/programme?request=r");
    expect(doneAt({ kind: "rule-publish", id: "p" })).toBe("/programme");
    expect(doneAt({ kind: "bulletin-review", id: "b" })).toBe("/bulletins/b");
    expect(doneAt({ kind: "notice-publish", id: "n" })).toBe("/campaigns/notices/n");
    expect(doneAt({ kind: "form-publish", id: "patrol", number: 3 })).toBe("/forms/patrol/3");
  });
});
