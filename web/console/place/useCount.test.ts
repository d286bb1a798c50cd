import { beforeEach, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";
import { Problem } from "../api/problem";
import type { Asset } from "./useCompound";

const light = (number: number, more: Partial<Asset> = {}): Asset => ({
  kind: "physical",
  sort: "light",
  number,
  increase: 0,
  ...more,
});

/** By day what there is, and by day what was known of it at its close; "" is today. */
const server = vi.hoisted(() => ({
  is: {} as Record<string, Asset[]>,
  knownThen: {} as Record<string, Asset[]>,
  refuse: undefined as Problem | undefined,
}));
vi.mock("../api/client", () => ({
  api: {
    GET: async (_: string, { params: { query = {} } }: { params: { query?: { at?: string; known?: string } } }) => {
      const assets = (query.at && query.known !== "now" ? server.knownThen : server.is)[query.at ?? ""] ?? [];
      return { data: { assets }, response: new Response("{}", { headers: { ETag: '"1"' } }) };
    },
  },
  ask: async (reply: Promise<{ data: unknown }>) => {
    const { data } = await reply;
    if (server.refuse) throw server.refuse;
    return data;
  },
}));

import { useCount } from "./useCount";

const settled = async () => {
  for (let i = 0; i < 20; i++) await nextTick();
};

beforeEach(() => {
  Object.assign(server, { is: {}, knownThen: {}, refuse: undefined });
});

async function begun(sort: string, is: typeof server.is, knownThen: typeof server.knownThen = {}) {
  Object.assign(server, { is, knownThen });
  const count = effectScope().run(() =>
    useCount(
      () => "jyhy",
      () => "2017-09-27",
    ),
  )!;
  await count.begin(sort);
  const choose = async (day: string) => {
    count.form.from = day;
    await settled();
  };
  return { ...count, choose };
}

it("of a past day it is what is known now: what was entered after the day is not written over by nothing", async () => {
  // Twenty lamps since 1 September, entered on the 20th.
  const c = await begun("light", { "": [light(20)], "2017-09-10": [light(20)] }, { "2017-09-10": [] });
  await c.choose("2017-09-10");
  c.form.condition = "worn";
  expect(c.body()).toEqual({ from: "2017-09-10", assets: [{ sort: "light", number: 20, condition: "worn" }] });
});

it("what nobody typed goes with the day, forth and back: number, condition and last look", async () => {
  const c = await begun("light", {
    "": [light(3, { condition: "good", checked: "2017-09-20" })],
    "2017-09-10": [light(1, { condition: "worn", checked: "2017-09-02" })],
  });
  const shown = () => [c.form.number, c.form.condition, c.form.checked];
  expect(shown()).toEqual([3, "good", "2017-09-20"]);
  await c.choose("2017-09-10");
  expect(shown()).toEqual([1, "worn", "2017-09-02"]);
  await c.choose("2017-09-27");
  expect(shown()).toEqual([3, "good", "2017-09-20"]);
  // What was typed stays, whatever there is of the day.
  c.form.number = 7;
  await c.choose("2017-09-10");
  expect(shown()).toEqual([7, "worn", "2017-09-02"]);
  c.form.sort = "gate";
  c.take();
  expect(shown()).toEqual([0, "", ""]);
});

it("cameras that were listed of that day have the list's number, and none is sent", async () => {
  const camera = (number: number): Asset => ({ kind: "technical", sort: "camera", number, increase: 0, listed: true });
  const c = await begun("camera", { "": [camera(4)], "2017-09-10": [camera(2)] }, { "2017-09-10": [] });
  await c.choose("2017-09-10");
  expect(c.form.number).toBe(2);
  expect(c.body().assets[0]).toEqual({ sort: "camera" });
});

it("of a day that could not be read nothing is said, and nothing can be saved until it was", async () => {
  const c = await begun("light", { "": [light(3)], "2017-09-10": [light(1)], "2017-09-09": [light(2)] });
  await c.choose("2017-09-10");
  server.refuse = new Problem(0, "unreachable", "Failed to fetch");
  await c.choose("2017-09-09");
  expect([c.read.problem.value?.status, c.is.value, c.ready.value]).toEqual([0, undefined, false]);
  server.refuse = undefined;
  await c.readDay();
  expect([c.read.problem.value, c.is.value?.number, c.form.number, c.ready.value]).toEqual([null, 2, 2, true]);
});

it("what others said meanwhile is seen of the chosen day too", async () => {
  const c = await begun("light", { "": [light(3)], "2017-09-10": [light(1)] });
  await c.choose("2017-09-10");
  server.is = { "": [light(9)], "2017-09-10": [light(8, { condition: "broken" })] };
  const saving = { problem: { value: new Problem(412, "stale", "") as Problem | null } };
  const { again } = c.seen.refusal(saving as never, () => {});
  c.form.number = 5;
  await again();
  await settled();
  expect([c.is.value?.number, c.form.number, c.form.condition]).toEqual([8, 5, "broken"]);
});

it("so few volunteers are not told: the field is empty until somebody types, and nothing is written back", async () => {
  const few: Asset = { kind: "people", sort: "volunteer", number: 0, increase: 0, few: true };
  const { form, ready, body, is } = await begun("volunteer", { "": [few] });
  await settled();
  expect([form.number, is.value?.few, ready.value]).toEqual([undefined, true, false]);
  form.number = 12;
  expect(ready.value).toBe(true);
  expect(body().assets[0]).toMatchObject({ sort: "volunteer", number: 12 });
});
