import { describe, expect, it } from "vitest";
import { NEW, picksOf } from "./node";

const channel = (id: string) => ({ id, name: id }) as Parameters<typeof picksOf>[0]["channels"][number];
const camera = (id: string, channel = "", tied = false) =>
  ({ camera: id, name: id, area: "gate", channel, tied }) as Parameters<typeof picksOf>[0]["cameras"][number];

describe("which camera is which channel", () => {
  it("is as the server proposes, until somebody chooses", () => {
    const picks = picksOf({ cameras: [camera("a", "1"), camera("b")], channels: [channel("1"), channel("2")] });
    expect([picks.a?.pick, picks.b?.pick]).toEqual(["1", NEW]);
  });

  it("stays as it was chosen when the plan is read anew", () => {
    const plan = { cameras: [camera("a", "1"), camera("b")], channels: [channel("1"), channel("2")] };
    const picks = picksOf(plan);
    picks.b!.pick = "2";
    const again = picksOf({ ...plan, cameras: [...plan.cameras, camera("c")] }, picks);
    expect([again.a?.pick, again.b?.pick, again.c?.pick]).toEqual(["1", "2", NEW]);
  });

  it("follows the server where nothing was chosen, or where the choice is gone", () => {
    const picks = picksOf({ cameras: [camera("a"), camera("b")], channels: [channel("1"), channel("2")] });
    picks.b!.pick = "2";
    const again = picksOf({ cameras: [camera("a", "1"), camera("b")], channels: [channel("1")] }, picks);
    expect([again.a?.pick, again.b?.pick]).toEqual(["1", NEW]);
  });

  it("is no new channel any more once the camera is tied to one", () => {
    const picks = picksOf({ cameras: [camera("a", "1")], channels: [channel("1")] });
    picks.a!.pick = NEW;
    expect(picksOf({ cameras: [camera("a", "1", true)], channels: [channel("1")] }, picks).a?.pick).toBe("1");
  });
});
