import { describe, expect, it } from "vitest";
import { merged, since } from "./history";

const said = (kind: string, from: string, known: string) => ({ kind, from, known, value: 1 }) as never;
const version = (why: string, name: string, known: string) =>
  ({ why, name, known, from: known.slice(0, 10), by: "li" }) as never;

describe("a compound's history", () => {
  const sayings = [
    said("claims-built", "2017-06-20", "2017-06-27T02:00:00Z"),
    said("takes-part", "2017-04-12", "2017-04-12T02:00:00Z"),
  ];
  const versions = [
    version("founded", "Old Name", "2017-01-01T00:00:00Z"),
    version("changed", "New Name", "2017-08-01T15:59:59Z"),
  ];

  it("has the newest first, whatever room it comes from", () => {
    expect(merged(sayings, versions, "").map((l) => l.kind)).toEqual([
      "place-changed",
      "claims-built",
      "takes-part",
      "place-founded",
    ]);
  });

  it("of a past day has beside it what was put right about it since", () => {
    const late = [
      said("channels-installed", "2017-06-15", "2017-07-02T02:00:00Z"),
      said("channels-installed", "2017-06-30", "2017-06-30T15:59:59Z"), // the last second of the day itself
      said("channels-installed", "2017-07-01", "2017-07-02T02:00:00Z"), // about a later day
    ];
    expect(since(late, versions, "2017-06-30").map((l) => l.from)).toEqual(["2017-06-15"]);
    expect(since(late, versions, "2017-08-01").map((l) => l.from)).toEqual([]);
  });

  it("of a past day as known now leaves out what is about later days", () => {
    const moved = [
      ...versions,
      { ...(version("moved", "Right Name", "2017-09-01T02:00:00Z") as object), from: "2017-06-01" } as never,
    ];
    expect(merged([], moved, "2017-06-30", true).map((l) => l.text)).toEqual(["Right Name", "Old Name"]);
    expect(merged([], moved, "2017-06-30").map((l) => l.text)).toEqual(["Old Name"]);
  });

  it("of a past day knows what was known at its close", () => {
    expect(merged([], versions, "2017-07-31").map((l) => l.text)).toEqual(["Old Name"]);
    expect(merged([], versions, "2017-08-01").map((l) => l.text)).toEqual(["New Name", "Old Name"]);
  });
});
