import { describe, expect, it } from "vitest";
import { merged } from "./history";

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

  it("of a past day knows what was known at its close", () => {
    expect(merged([], versions, "2017-07-31").map((l) => l.text)).toEqual(["Old Name"]);
    expect(merged([], versions, "2017-08-01").map((l) => l.text)).toEqual(["New Name", "Old Name"]);
  });
});
