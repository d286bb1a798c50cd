import { describe, expect, it } from "vitest";
import { differences, loosens, type Milestone, nameFor, turned } from "./milestones";

const m = (more: Partial<Milestone>): Milestone => ({
  id: "built-2017-11-30",
  version: 1,
  known: "2017-04-12T00:00:00Z",
  what: "built",
  classes: ["other"],
  due: "2017-11-30",
  near_days: 30,
  lead_days: 60,
  ended: false,
  by: "chen",
  ...more,
});

describe("a milestone", () => {
  it("gets a name that no other has", () => {
    expect(nameFor("networked", "2017-11-30", [])).toBe("networked-2017-11-30");
    expect(nameFor("networked", "2017-11-30", ["networked-2017-11-30", "networked-2017-11-30-2"])).toBe(
      "networked-2017-11-30-3",
    );
    expect(nameFor("networked", "2017-11-30", [])).toMatch(/^[a-z][a-z0-9-]{1,39}$/);
  });

  it("is loosened by what asks less of some compound", () => {
    const was = m({ classes: ["helped", "other"] });
    for (const less of [
      { due: "2018-06-30" },
      { classes: ["other"] as Milestone["classes"] },
      { classes: ["demonstration", "other"] as Milestone["classes"] },
      { near_days: 10 },
      { lead_days: 20 },
      { ended: true },
      { what: "networked" as const },
    ])
      expect(loosens({ ...was, ...less }, was), JSON.stringify(less)).toBe(true);
    for (const more of [
      {},
      { due: "2017-10-31" },
      { near_days: 40, lead_days: 90 },
      { classes: ["demonstration", "helped", "other"] as Milestone["classes"] },
    ])
      expect(loosens({ ...was, ...more }, was), JSON.stringify(more)).toBe(false);
    expect(loosens({ ...was, due: "2018-06-30" }, null)).toBe(false);
    expect(loosens({ ...was, due: "2018-06-30", ended: false }, m({ ended: true }))).toBe(false);
  });

  it("tells what a version changed", () => {
    expect(differences(m({}), undefined)).toEqual([]);
    expect(differences(m({ due: "2018-06-30", classes: ["helped", "other"] }), m({}))).toEqual(["classes", "due"]);
    expect(differences(m({ evidence: "" }), m({}))).toEqual([]);
    expect(differences(m({ ended: true }), m({}))).toEqual(["ended"]);
  });

  it("is ended as it stands", () => {
    expect(turned(m({ evidence: "installed" }))).toEqual({
      what: "built",
      classes: ["other"],
      due: "2017-11-30",
      near_days: 30,
      lead_days: 60,
      evidence: "installed",
      ended: true,
    });
    expect(turned(m({ ended: true })).ended).toBe(false);
  });
});
