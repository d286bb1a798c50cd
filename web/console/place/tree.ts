import type { components } from "../api/schema";
import { called as divisionName } from "../programme/called";

export type Place = components["schemas"]["Version"];
export type Level = "city" | "county" | "street" | "community" | "compound" | "building";
export const LEVELS: Level[] = ["city", "county", "street", "community", "compound", "building"];

/** What hangs under a level; of a building nothing does. */
export const below = (level: string): Level | undefined => LEVELS[LEVELS.indexOf(level as Level) + 1];
/** What a level hangs under. */
export const above = (level: string): Level | undefined => LEVELS[LEVELS.indexOf(level as Level) - 1];

/** What a place is called on a page: a division in the reader's language, as on all pages; a compound as on its gate. */
export const called = (p: { level: string; name: string }, language: string): string =>
  p.level === "compound" || p.level === "building" ? p.name : divisionName(p.name, language);

export type Deed = "add" | "rename" | "move" | "merge" | "split" | "end";

/** What can happen to a place of a level: a city stands alone, and a building is neither merged nor split. */
export function deedsOf(level: string): Deed[] {
  const all: Deed[] = ["add", "rename", "move", "merge", "split", "end"];
  if (level === "city") return ["add", "rename"];
  if (level === "building") return ["rename", "move", "end"];
  return all;
}

/** A line of the tree as it is drawn. */
export interface Row {
  place: Place;
  depth: number;
  open: boolean;
  /** Nothing is drawn under it: buildings are on the compound's own page. */
  leaf: boolean;
  /** Its place among its brothers, for who hears the tree. */
  at: number;
  of: number;
}

/** The lines that are to be seen: what is open shows what hangs under it. */
export function rowsOf(tops: Place[], under: Map<string, Place[]>, open: Set<string>): Row[] {
  const out: Row[] = [];
  const draw = (list: Place[], depth: number) => {
    list.forEach((place, i) => {
      const leaf = place.level === "compound";
      const is = !leaf && open.has(place.place);
      out.push({ place, depth, open: is, leaf, at: i + 1, of: list.length });
      if (is) draw(under.get(place.place) ?? [], depth + 1);
    });
  };
  draw(tops, 0);
  return out;
}

/** What a key does on line i: where the cursor goes, and what opens or closes. */
export function keyed(rows: Row[], i: number, key: string): { to?: number; open?: string; close?: string } {
  const row = rows[i];
  if (!row) return {};
  switch (key) {
    case "ArrowDown":
      return { to: Math.min(rows.length - 1, i + 1) };
    case "ArrowUp":
      return { to: Math.max(0, i - 1) };
    case "Home":
      return { to: 0 };
    case "End":
      return { to: rows.length - 1 };
    case "ArrowRight": {
      if (row.leaf) return {};
      if (!row.open) return { open: row.place.place };
      const child = rows[i + 1];
      return child && child.depth > row.depth ? { to: i + 1 } : {};
    }
    case "ArrowLeft": {
      if (row.open) return { close: row.place.place };
      for (let k = i - 1; k >= 0; k--) if (rows[k]!.depth < row.depth) return { to: k };
      return {};
    }
  }
  return {};
}
