import type { components } from "../api/schema";

export type Draft = components["schemas"]["DraftView"];
export type Report = components["schemas"]["Report"];
export type Cell = components["schemas"]["SheetProblem"];
export type Table = components["schemas"]["Table"];
export type Column = components["schemas"]["TableColumn"];
export type Import = components["schemas"]["Import"];

export type List = Draft["list"];

/** What a list can be of, as it is offered. */
export const LISTS: List[] = ["compounds", "divisions", "buildings", "channels", "areas", "assets"];

/** Whoever keeps a compound sends lists of what it has; lists of places are for whoever writes places. */
export const needs = (list: List) =>
  list === "channels" || list === "areas" || list === "assets" ? "place.keep" : "place.write";

/** The list that is open first: one that may be sent, if any. */
export const firstList = (may: (permission: string) => boolean): List =>
  may("place.write") || !may("place.keep") ? "compounds" : "channels";

/** What a column can mean, in the order of the template. */
const COMPOUND = [
  "county",
  "street",
  "community",
  "name",
  "code",
  "class",
  "weak",
  "criteria",
  "evidence",
  "guard",
  "volunteer",
  "fence",
  "gate",
  "door",
  "light",
  "fire-lane",
  "camera",
  "alarm",
  "intercom",
  "access-control",
  "takes-part",
  "plan",
  "lon",
  "lat",
  "from",
  "id",
];
export const KEYS: Record<List, string[]> = {
  compounds: COMPOUND,
  divisions: ["county", "street", "community", "level", "code", "city", "from", "id"],
  buildings: [
    "county",
    "street",
    "community",
    "name",
    "building",
    "door",
    "light",
    "camera",
    "alarm",
    "intercom",
    "access-control",
    "fire-lane",
    "from",
    "id",
  ],
  channels: ["county", "street", "community", "name", "channel", "area-kind", "state", "from", "id"],
  areas: ["county", "street", "community", "name", "area", "area-kind", "building", "from", "until", "id"],
  assets: ["county", "street", "community", "name", "building", "sort", "number", "condition", "checked", "from"],
};

/** The name of a meaning: at a building a camera is another thing than at the gate. */
export function keyWord(list: List, key: string): string {
  if (list === "buildings" && (key === "light" || key === "camera")) return `sheet.key.building-${key}`;
  if (list === "divisions" && (key === "code" || key === "from")) return `sheet.key.division-${key}`;
  if (list === "areas" && (key === "from" || key === "area-kind")) return `sheet.key.area-${key}`;
  return `sheet.key.${key}`;
}

/** The kinds of cells that a report counts, bad ones first. */
export const BAD = [
  "required",
  "place",
  "number",
  "day",
  "choice",
  "class",
  "text",
  "twice",
  "merged",
  "formula",
  "person",
  "id",
  "rights",
];
export const LOOK = ["similar", "changed", "skipped"];

/** Cells under the row that they stand in, as the sheet has them. */
export interface Line {
  key: string;
  sheet: string;
  row: number;
  name: string;
  cells: Cell[];
}

export function lines(cells: Cell[], kind: string): Line[] {
  const out = new Map<string, Line>();
  for (const c of cells) {
    if (kind && c.kind !== kind) continue;
    const key = `${c.sheet ?? ""}!${c.row}`;
    const line = out.get(key) ?? { key, sheet: c.sheet ?? "", row: c.row, name: c.name ?? "", cells: [] };
    line.cells.push(c);
    out.set(key, line);
  }
  return [...out.values()];
}

/** The kinds that a report has, with their numbers. */
export function kinds(report: Report, of: string[]): { kind: string; n: number }[] {
  return of.map((kind) => ({ kind, n: report.kinds[kind] ?? 0 })).filter((k) => k.n > 0);
}

/** Pasted cells become a file of their own; a spreadsheet puts tabs between them. */
export function pasted(text: string, name: string): File | null {
  return /[\t\n]/.test(text.trim()) ? new File([text], name, { type: "text/tab-separated-values" }) : null;
}

export const working = (d: Draft | null) => d?.state === "checking" || d?.state === "committing";
