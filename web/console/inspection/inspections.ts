import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Entry = Schemas["InspectionEntry"];
export type View = Schemas["InspectionView"];
export type Form = Schemas["Form"];
export type FormHead = Schemas["FormHead"];
export type FormWords = Schemas["FormWords"];
export type Section = Schemas["Section"];
export type Item = Schemas["InspectionItem"];
export type Answer = Schemas["Answer"];
export type Settled = Schemas["Settled"];
export type Mending = Schemas["Mending"];
export type Words = Schemas["InspectionWords"];
export type Result = "pass" | "mend" | "fail";

/** A text in the reader's language, else in the other. */
export function inWords(w: Words | undefined, language: string): string {
  if (!w) return "";
  return (language === "en" ? w.en || w.zh : w.zh || w.en) ?? "";
}

/** Points with as many decimals as they need, two at most. */
export function points(n: number | undefined): string {
  return n === undefined ? "–" : String(Math.round(n * 100) / 100);
}

/** What a mark of state is coloured by: a result, or that it is still to come. */
export function toneOf(x: Pick<Entry, "state" | "result" | "open" | "overdue">): "good" | "warn" | "bad" | "idle" {
  if (x.state === "planned") return x.overdue ? "warn" : "idle";
  if (x.state === "cancelled") return "idle";
  if (x.result === "pass") return "good";
  return x.result === "fail" ? "bad" : "warn";
}

/** The key of the word for where an inspection stands. */
export function stateWord(x: Pick<Entry, "state" | "result" | "open" | "overdue">): string {
  if (x.state === "planned") return x.overdue ? "overdue" : "planned";
  if (x.state === "cancelled") return "cancelled";
  if (x.result === "mend" && x.open === 0) return "mended";
  return x.result ?? "planned";
}

/** An item's answer as a person would say it. */
export function sayAnswer(
  item: Item,
  a: Pick<Answer, "value" | "not_applicable" | "photos"> | undefined,
  language: string,
  t: (key: string) => string,
): string {
  if (!a) return t("inspection.unanswered");
  if (a.not_applicable) return t("inspection.na");
  if (item.kind === "yes-no" && a.value) return t(a.value === "yes" ? "inspection.yes" : "inspection.no");
  if (item.kind === "choice") {
    const choice = item.choices?.find((c) => c.name === a.value);
    if (choice) return inWords(choice.title, language);
  }
  if (a.value) return a.value;
  return a.photos?.length ? t("inspection.has-photo") : t("inspection.unanswered");
}
