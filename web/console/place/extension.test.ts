import { describe, expect, it } from "vitest";
import { extendable, extensionsOf } from "./extension";

const said = (text: string, until: string, known: string, value = 17000) =>
  ({ kind: "extended", text, until, known, from: known.slice(0, 10), value, by: "chen", reason: "rain" }) as never;
const duty = (milestone: string, extended: boolean) => ({ milestone, extended }) as never;

it("can be given of what is not done, and of what was done in time and entered late", () => {
  const of = (d: object) => extendable(d as never);
  expect([of({ done: false }), of({ done: true }), of({ done: true, entered: "2017-11-05" })]).toEqual([
    true,
    false,
    true,
  ]);
});

describe("the extensions of a compound", () => {
  it("are each there, and of a milestone the last said is the one that stands", () => {
    const lines = [
      said("built", "2018-03-31", "2017-09-20T02:00:00Z"),
      { kind: "takes-part", from: "2017-04-12", known: "2017-04-12T02:00:00Z", value: 1 },
      said("networked", "2018-02-28", "2017-09-01T02:00:00Z"),
      said("built", "2018-01-31", "2017-08-01T02:00:00Z"),
    ];
    const list = extensionsOf(lines, [duty("built", true), duty("networked", true)]);
    expect(list.map((e) => [e.milestone, e.until, e.stands])).toEqual([
      ["built", "2018-03-31", true],
      ["networked", "2018-02-28", true],
      ["built", "2018-01-31", false],
    ]);
    expect(list[0]).toMatchObject({ reason: "rain", by: "chen" });
  });

  it("stand no longer where they were taken back, or where nothing is owed any more", () => {
    const lines = [
      said("built", "1970-01-01", "2017-09-20T02:00:00Z", 0),
      said("built", "2018-01-31", "2017-08-01T02:00:00Z"),
      said("funds", "2018-01-31", "2017-08-01T02:00:00Z"),
    ];
    expect(extensionsOf(lines, [duty("built", false)]).map((e) => [e.milestone, e.stands])).toEqual([
      ["built", false],
      ["funds", false],
    ]);
  });
});
