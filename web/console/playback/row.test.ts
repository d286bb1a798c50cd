import { describe, expect, it } from "vitest";
import { activityOf, doubtedAt, NO_ACTIVITY, type Row, whatsAt } from "./row";
import { NO_STREAMS } from "./streams";

const span = (from: number, to: number, says = "") => ({ from, to, says });
const row: Row = {
  camera: "gate",
  name: "大门",
  footage: [span(100, 200), span(200, 300), span(500, 600)],
  streams: NO_STREAMS,
  gaps: [span(300, 500, "磁盘已满")],
  outages: [span(350, 400, "连接被拒绝")],
  holds: [span(250, 320, "电动车")],
  unconfirmed: [span(500, 550)],
  deleted: [span(0, 100)],
  activity: NO_ACTIVITY,
};
const at = (t: number) => whatsAt(row, t, 1000).map((w) => `${w.kind} ${w.says}`.trim());

describe("what the bar says of a moment", () => {
  it("names what is wrong, and why where that is known", () => {
    expect(at(150)).toEqual([]);
    expect(at(260)).toEqual(["hold 电动车"]);
    expect(at(310)).toEqual(["hold 电动车", "gap 磁盘已满"]);
    expect(at(360)).toEqual(["outage 连接被拒绝"]);
    expect(at(520)).toEqual(["unconfirmed"]);
    expect(at(50)).toEqual(["deleted"]);
    expect(at(700)).toEqual(["gap"]);
    expect(at(1200)).toEqual([]);
  });
});

it("whose picture of a moment has a time that nobody has confirmed", () => {
  const right = { ...row, camera: "yard", unconfirmed: [] };
  const doubted = (t: number) => doubtedAt([right, row], t).map((r) => r.camera);
  expect([doubted(499), doubted(500), doubted(549), doubted(550)]).toEqual([[], ["gate"], ["gate"], []]);
});

describe("the activity strip", () => {
  it("is scaled by the camera's own quiet and busy minutes, not by one burst", () => {
    const rates = [...Array.from({ length: 98 }, (_, i) => 1000 + i), 50_000, 90_000];
    const scaled = activityOf(rates.map((rate, i) => ({ at: i, step: 1, rate })));
    expect(scaled.low).toBe(1010);
    expect(scaled.high).toBe(50_000);
    expect(activityOf([{ at: 0, step: 1, rate: 0 }])).toBe(NO_ACTIVITY);
    expect(activityOf([{ at: 0, step: 1, rate: 500 }]).high).toBe(600);
  });
});
