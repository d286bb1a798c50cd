import { api, ask } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Item } from "./inbox";

/** Answers about a task itself: another of the list may still be signed for. */
const OF_ONE = [403, 404, 409, 412];

export interface Signed {
  signed: Item[];
  refused: { item: Item; problem: Problem }[];
}

const sign = (items: readonly Item[], note: string) =>
  ask(
    api.POST("/api/supervision-tasks/steps", {
      body: { act: "sign", tasks: items.map((i) => ({ id: i.id, version: i.task?.version ?? 1 })), note },
    }),
  );

/**
 * Signs for all of them at once. The server takes all or none; where one is refused they are signed for one by one, so that each
 * that is refused is known with its reason. Throws while nothing is signed and the trouble is not about a task.
 */
export async function signAll(items: readonly Item[], note: string, step: typeof sign = sign): Promise<Signed> {
  try {
    await step(items, note);
    return { signed: [...items], refused: [] };
  } catch (error) {
    if (!OF_ONE.includes(asProblem(error).status)) throw error;
    if (items.length === 1) return { signed: [], refused: [{ item: items[0]!, problem: asProblem(error) }] };
  }
  const out: Signed = { signed: [], refused: [] };
  for (const item of items) {
    try {
      await step([item], note);
      out.signed.push(item);
    } catch (error) {
      out.refused.push({ item, problem: asProblem(error) });
    }
  }
  return out;
}
