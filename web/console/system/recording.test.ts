import { expect, it } from "vitest";
import { recordingOf } from "./recording";

it.each([
  [[], "fine"],
  [["ok", "slow"], "fine"],
  [["full"], "stopped"],
  [["dead", "read-only"], "stopped"],
  [["ok", "dead"], "part"],
] as const)("disks that are %j: recording is %s", (states, recording) => {
  expect(recordingOf(states.map((state) => ({ state })))).toBe(recording);
});
