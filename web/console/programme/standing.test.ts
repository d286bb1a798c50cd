import { describe, expect, it } from "vitest";
import { ahead, type Duty, worst } from "./standing";

const duty = (what: string, light: string, days: number, done = false) =>
  ({ what, light, days, done }) as unknown as Duty;

describe("a compound's standing in one line", () => {
  const c = {
    light: "yellow",
    duties: [duty("built", "green", 10, true), duty("networked", "yellow", 40), duty("funds", "blue", 3)],
  } as unknown as Parameters<typeof worst>[0];
  it("names the duty that its light comes from, and the one that is due next", () => {
    expect(worst(c)?.what).toBe("networked");
    expect(ahead(c)?.what).toBe("funds");
  });
  it("puts what is overdue before what is to come, and says nothing when all is done", () => {
    const late = { ...c, duties: [...c.duties, duty("tasks", "red", -5)] };
    expect(ahead(late)?.what).toBe("tasks");
    const done = { ...c, light: "green", duties: [duty("built", "green", -9, true)] } as typeof c;
    expect(ahead(done)).toBeUndefined();
    expect(worst(done)).toBeUndefined();
  });
});
