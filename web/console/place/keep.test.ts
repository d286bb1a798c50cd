import { expect, it } from "vitest";
import { kindOf, marksFor, marksIn, namesOf } from "./keep";

it("knows which marks hold, however late something became known", () => {
  const entries = [
    { mark: "weak", in: true, from: "2017-04-10", known: "2017-04-10T08:00:00Z" },
    { mark: "helped", in: true, from: "2017-05-02", known: "2017-05-02T08:00:00Z" },
    { mark: "helped", in: false, from: "2017-08-01", known: "2017-08-01T08:00:00Z" },
    { mark: "helped", in: true, from: "2017-06-01", known: "2017-09-01T08:00:00Z" }, // about an earlier day
    { mark: "demonstration", in: true, from: "2017-09-01", known: "2017-09-01T08:00:00Z" },
    { mark: "demonstration", in: false, from: "2017-09-01", known: "2017-09-01T09:00:00Z" },
    { mark: "helped", in: true, from: "2017-10-01", known: "2017-10-01T08:00:00Z", withdrawn: "2017-10-02T08:00:00Z" },
  ] as const;
  expect([...marksIn([...entries])]).toEqual(["weak"]);
});

it("knows to which kind of protection a sort belongs", () => {
  expect(["guard", "fire-lane", "access-control", "dog"].map(kindOf)).toEqual(["people", "physical", "technical", ""]);
});

it("reads one channel a line", () => {
  expect(namesOf(" 东门 1\r\n\n东门 2\n东门 1\n")).toEqual(["东门 1", "东门 2"]);
});

it("offers to leave a class to who may relieve, and to others only what the server takes from them", () => {
  const held = new Set(["helped", "weak"] as const);
  expect(marksFor(true, held, false)).toEqual(["demonstration"]);
  expect(marksFor(false, held, true)).toEqual(["helped", "weak"]);
  expect(marksFor(false, held, false)).toEqual(["weak"]);
});
