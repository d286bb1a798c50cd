import type { components } from "../api/schema";
import { inWords } from "./inspections";

export type Difference = components["schemas"]["InspectionDifference"];
type Say = (key: string, values?: Record<string, unknown>) => string;

/** What a version of a form has otherwise than another, in a reader's words. */
export interface Told {
  /** What happened: added, changed … */
  act: string;
  /** To what: the form, "Lamps", a choice of it. */
  of: string;
  /** Where that lies, of what was added or removed. */
  place: string;
  /** Which of its fields; "" where all of it came or went. */
  field: string;
  was: string;
  is: string;
}

const PERCENT = new Set(["judged", "share"]);

/** Codes are told in words, what people wrote as they wrote it. */
function value(d: Difference, side: "was" | "is", language: string, t: Say): string {
  const text = inWords(d[side], language);
  switch (d.field) {
    case "kind":
      return t(`inspection.kind.${text}`);
    case "photo":
      return t(`inspection.differs.photo.${text || "none"}`);
    case "veto":
    case "may_not_apply":
    case "required":
      return t(text === "true" ? "inspection.yes" : "inspection.no");
    case "when":
      return text || t("inspection.differs.always");
  }
  if (!text) return t("history.nothing");
  return PERCENT.has(d.field ?? "") ? t("inspection.differs.percent", { n: text }) : text;
}

function subject(d: Difference, language: string, t: Say): string {
  const name = inWords(d.title, language) || d.name;
  switch (d.what) {
    case "section":
      return t("inspection.differs.section", { name });
    case "item":
      return t("inspection.differs.item", { name });
    case "choice":
      return t("inspection.differs.choice", { item: name, name: inWords(d.choice, language) });
  }
  return t("inspection.form");
}

export function tell(d: Difference, language: string, t: Say): Told {
  const values = d.kind === "changed" || (d.kind === "moved" && d.field === "section");
  return {
    act: t(`inspection.difference.${d.kind}`),
    of: subject(d, language, t),
    place:
      d.what === "item" && d.kind !== "moved" && !d.field && d.in
        ? t("inspection.differs.in", { name: inWords(d.in, language) })
        : "",
    field: d.field ? t(`inspection.differs.field.${d.field.replace(/[._]/g, "-")}`) : "",
    was: values ? value(d, "was", language, t) : "",
    is: values ? value(d, "is", language, t) : "",
  };
}
