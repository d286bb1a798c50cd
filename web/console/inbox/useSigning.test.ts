import { expect, it } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { Problem } from "../api/problem";
import type { Item } from "./inbox";
import type { Signed } from "./sign";
import { useSigning } from "./useSigning";

const items = ["a", "b"].map((id): Item => ({ kind: "task-sign", id, title: "尽快安装", name: id }));

function dialog() {
  const open = ref(true);
  let answer: (got: Signed) => void = () => {};
  let told = 0;
  const signing = effectScope().run(() =>
    useSigning(
      open,
      () => items,
      () => void told++,
      () => new Promise<Signed>((done) => (answer = done)),
    ),
  )!;
  return { open, signing, answer: (got: Signed) => answer(got), told: () => told };
}

it("is not left while it signs: what was refused is seen before", async () => {
  const { open, signing, answer, told } = dialog();
  expect(signing.ticked.value).toEqual(["a", "b"]);
  const going = signing.go.run();
  signing.close();
  expect(open.value).toBe(true);
  const refused = { item: items[1]!, problem: new Problem(412, "stale", "已由他人签收") };
  answer({ signed: [items[0]!], refused: [refused] });
  await going;
  expect([open.value, told(), signing.result.value?.refused]).toEqual([true, 1, [refused]]);
  signing.close();
  expect(open.value).toBe(false);
  await nextTick();
  open.value = true; // another list: what came of the last one is not of it
  await nextTick();
  expect(signing.result.value).toBeUndefined();
});

it("shuts by itself where nothing was refused", async () => {
  const { open, signing, answer } = dialog();
  const going = signing.go.run();
  answer({ signed: items, refused: [] });
  await going;
  expect(open.value).toBe(false);
});
