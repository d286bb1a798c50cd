import { expect, it } from "vitest";
import { lineOf } from "./lines";

const lines = { name: { id: "f-name", label: "Name" }, "sub.name": { id: "f-sub-name", label: "Name of the sub" } };

it("a line of a form is found by the server's name for it, whole or by its end", () => {
  expect(lineOf(lines, "name")?.id).toBe("f-name");
  expect(lineOf(lines, "camera.name")?.id).toBe("f-name");
  expect(lineOf(lines, "sub.name")?.id).toBe("f-sub-name");
  expect(lineOf(lines, "names")).toBeUndefined();
  expect(lineOf(undefined, "name")).toBeUndefined();
});
