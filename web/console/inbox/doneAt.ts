import type { Item } from "./inbox";

/** The page on which it is done. */
export function doneAt(i: Pick<Item, "kind" | "id" | "place" | "number">): string {
  switch (i.kind) {
    case "return-owed":
    case "return-decide":
      return `/returns/${i.place}/${i.id.slice(0, 7)}`;
    case "relief-decide":
      return `/programme?request=${i.id}`;
    case "rule-publish":
      return "/programme";
    case "bulletin-review":
    case "bulletin-issue":
      return `/bulletins/${i.id}`;
    case "notice-publish":
      return `/campaigns/notices/${i.id}`;
    case "form-publish":
      return `/forms/${i.id}/${i.number}`; // the draft's own number: 0, the newest, is for what is published
    default:
      return `/tasks/list?task=${i.id}`;
  }
}
