import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("the API's types are what its document says", () => {
  expect(() =>
    execFileSync(process.execPath, ["scripts/types.mjs", "--check"], { encoding: "utf8", stdio: "pipe" }),
  ).not.toThrow();
});
