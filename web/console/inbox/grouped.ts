import type { Whom } from "../task/tasks";
import type { Item } from "./inbox";

export interface Titled {
  title: string;
  /** What is asked, where all of them ask the same. */
  ask: string;
  items: Item[];
}

/** Tasks of one title under it once, in the order of the most pressing of each. */
export function byTitle(items: readonly Item[]): Titled[] {
  const out = new Map<string, Titled>();
  for (const item of items) {
    const title = item.title ?? "";
    const one = out.get(title);
    if (!one) out.set(title, { title, ask: item.task?.ask ?? "", items: [item] });
    else {
      one.items.push(item);
      if (one.ask !== (item.task?.ask ?? "")) one.ask = "";
    }
  }
  return [...out.values()];
}

/** Whom the task is for. */
export const whom = (i: Item): Whom => ({
  name: i.name ?? "",
  level: i.task?.level ?? "county",
  street: i.task?.street ?? "",
  county_name: i.task?.county_name ?? "",
});
