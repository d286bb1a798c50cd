// What a phone knows of an inspection: what the server last said, and what was typed since and has not arrived there yet.
import type { Answer, Form, Item, Settled } from "../inspection/inspections";

export interface Shown {
  item: string;
  /** What holds as far as this phone knows. */
  answer: Answer | undefined;
  /** Different answers that stand side by side: none is lost until somebody has chosen. */
  differ: Answer[];
  /** It is on this phone only. */
  unsent: boolean;
}

/** The answers by item: the server's, and over them the latest of this phone. */
export function shownOf(settled: Settled[], waiting: Answer[], item: string): Shown {
  const there = settled.find((s) => s.item === item);
  const mine = waiting.filter((a) => a.item === item).sort((a, b) => (a.at < b.at ? -1 : 1));
  const last = mine[mine.length - 1];
  if (!last) return { item, answer: there?.answer, differ: there?.differ ? there.answers : [], unsent: false };
  // Somebody else's answer that mine has not seen stands beside it.
  const replaced = new Set(mine.flatMap((a) => a.replaces ?? []));
  const others = (there?.answers ?? []).filter(
    (a) => a.by !== last.by && !replaced.has(a.id) && says(a) !== says(last),
  );
  return { item, answer: last, differ: others.length > 0 ? [last, ...others] : [], unsent: true };
}

const says = (a: Answer) => `${a.not_applicable ? "n/a" : ""}${a.value ?? ""}`;

/** A new answer: what is changed of the one that is shown, and it replaces all that were on the page. */
export function answerOf(
  shown: Shown,
  change: Partial<Answer>,
  settled: Settled[],
  id: string,
  at: string,
  by: string,
): Answer {
  const before = shown.answer;
  const there = settled.find((s) => s.item === shown.item);
  const next: Answer = {
    value: before?.value ?? "",
    not_applicable: before?.not_applicable ?? false,
    reason: before?.reason ?? "",
    note: before?.note ?? "",
    photos: before?.photos ?? [],
    ...(before?.mend ? { mend: before.mend } : {}),
    ...change,
    id,
    item: shown.item,
    at,
    by,
    // Twenty are what the server takes; more than two at once are rare.
    replaces: [...new Set([...(there?.answers ?? []).map((a) => a.id), ...shown.differ.map((a) => a.id)])].slice(0, 20),
  };
  if (next.not_applicable) next.value = "";
  else next.reason = "";
  return next;
}

/** What goes over the wire: the server knows who and when by itself. */
export function wire({ by: _by, known: _known, ...answer }: Answer): Answer {
  return answer as Answer;
}

/** Items that are asked, given what was answered before them. */
export function asked(form: Pick<Form, "sections">, said: (item: string) => Answer | undefined): Set<string> {
  const out = new Set<string>();
  for (const section of form.sections)
    for (const item of section.items) {
      const when = item.when;
      if (!when || (out.has(when.item) && said(when.item)?.value === when.value)) out.add(item.name);
    }
  return out;
}

/** Whether an item still wants something before anybody can sign. */
export function lacks(item: Item, shown: Shown): boolean {
  const a = shown.answer;
  if (shown.differ.length > 0) return true;
  if (item.kind === "note" || a?.not_applicable) return false;
  const photos = a?.photos?.length ?? 0;
  const value = Boolean(a?.value) || (item.kind === "photo" && photos > 0);
  if (!value) return item.weight > 0 || Boolean(item.required) || Boolean(item.veto);
  return item.photo === "required" && photos === 0;
}

/** Whether a typed value answers the item; the server checks it again. */
export function takes(item: Item, value: string): boolean {
  if (value === "") return true;
  if (item.kind === "text") return true;
  if (item.kind === "points" || item.kind === "integer") {
    if (!/^-?\d{1,7}$/.test(value)) return false;
  } else if (item.kind === "decimal" && !/^-?\d{1,7}(\.\d{1,2})?$/.test(value)) return false;
  const n = Number(value);
  if (item.kind === "points") return n >= 0 && n <= item.weight;
  if (item.kind !== "integer" && item.kind !== "decimal") return true;
  return !(item.least && n < Number(item.least)) && !(item.most && n > Number(item.most));
}
