// The schematic map: a tile for each county, about where it lies, as the city's office laid it out.
import type { components } from "../api/schema";
import { called } from "./called";
import type { CountyRow } from "./programme";

export type Spot = components["schemas"]["Tile"];

export interface Tile {
  county: CountyRow;
  column: number;
  row: number;
  /** Two characters, or the name in Latin letters. */
  short: string;
}

/** Rows of five, for what nobody gave a place on the map. */
const WIDE = 5;

/** Lays the counties out; one that the map does not know stands below it, so that none is missing. */
export function tiles(counties: CountyRow[], language: "zh" | "en", known: readonly Spot[]): Tile[] {
  const at = new Map(known.map((p) => [p.place, p]));
  const below = Math.max(-1, ...counties.map((c) => at.get(c.county)?.row ?? -1)) + 1;
  let extra = 0;
  const out = counties.map((county): Tile => {
    const spot = at.get(county.county);
    if (spot)
      return { county, column: spot.column, row: spot.row, short: language === "en" ? spot.short_en : spot.short_zh };
    const i = extra++;
    return { county, column: i % WIDE, row: below + Math.floor(i / WIDE), short: called(county.name, language) };
  });
  return out.sort((a, b) => a.row - b.row || a.column - b.column);
}

/** A name in Latin letters may be parted between two of its syllables, where it has no room on one line. */
export const parted = (name: string): string =>
  name.replace(/([aeiou](?:ng|n)?)(?=(?:zh|ch|sh|[b-df-hj-np-tw-z])[aeiou])/g, "$1\u00ad");

/** The tile that an arrow key leads to: the next one that way, the nearest across. */
export function neighbour(all: Tile[], from: Tile, key: string): Tile | undefined {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  if (!dx && !dy) return undefined;
  const far = (t: Tile) => {
    const along = (t.column - from.column) * dx! + (t.row - from.row) * dy!;
    const across = Math.abs((t.column - from.column) * dy!) + Math.abs((t.row - from.row) * dx!);
    return along > 0 ? along + across * 2 : Number.POSITIVE_INFINITY;
  };
  const best = all.reduce((a, b) => (far(b) < far(a) ? b : a), from);
  return far(best) < Number.POSITIVE_INFINITY ? best : undefined;
}

/** Puts a county on a spot of the layout; what stood there takes its place. */
export function moved(all: readonly Spot[], place: string, column: number, row: number): Spot[] {
  const from = all.find((t) => t.place === place);
  if (!from) return [...all];
  return all.map((t) => {
    if (t.place === place) return { ...t, column, row };
    return t.column === column && t.row === row ? { ...t, column: from.column, row: from.row } : t;
  });
}

/** A county's name for the reader. */
export function countyName(c: { name: string }, language: string): string {
  return called(c.name, language);
}
