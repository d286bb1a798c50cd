import { expect, it } from "vitest";
import { ref } from "vue";
import { Problem } from "../api/problem";
import { useSeen } from "./useSeen";

it("takes what others said as seen only when it was read: offline, the refusal and what was typed stay", async () => {
  let offline = false;
  let version = 1;
  const now = ref(0);
  const seen = useSeen(
    async () => {
      if (offline) throw new TypeError("Failed to fetch");
      const response = new Response("{}", { headers: { ETag: `"${version}"` } });
      return { data: version, response };
    },
    (got) => {
      now.value = got;
    },
  );
  expect(await seen.begin()).toBe(true);
  const saving = { problem: ref<Problem | null>(null) };
  let told = 0;
  const { stale, again } = seen.refusal(saving, () => void told++);
  saving.problem.value = new Problem(412, "stale", "stale");
  version = 2;
  offline = true;
  await again();
  expect([stale.value, seen.tag.value, told, seen.problem.value?.unreachable]).toEqual([true, '"1"', 0, true]);
  offline = false;
  await again();
  expect([stale.value, seen.tag.value, told, now.value, seen.problem.value]).toEqual([false, '"2"', 1, 2, null]);
});
