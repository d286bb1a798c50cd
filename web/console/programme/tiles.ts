// The schematic map: a tile for each county, about where it lies. Drawn by this project.
import linyi from "./linyi.json";
import type { CountyRow } from "./programme";

export interface Tile {
  county: CountyRow;
  column: number;
  row: number;
  /** Two characters, or the name in Latin letters. */
  short: string;
}

interface Place {
  code: string;
  column: number;
  row: number;
  zh: string;
  /** How its full name may say it instead. */
  also?: string;
  en: string;
}

/** Lays the counties out; one that the map does not know stands below it, so that none is missing. */
export function tiles(counties: CountyRow[], language: "zh" | "en", known: Place[] = linyi): Tile[] {
  const at = new Map(known.map((p) => [p.code, p]));
  const below = Math.max(-1, ...known.filter((p) => counties.some((c) => c.code === p.code)).map((p) => p.row)) + 1;
  let extra = 0;
  const out = counties.map((county): Tile => {
    const place = at.get(county.code ?? "");
    if (place) return { county, column: place.column, row: place.row, short: place[language] };
    const i = extra++;
    return { county, column: i % 5, row: below + Math.floor(i / 5), short: county.name };
  });
  return out.sort((a, b) => a.row - b.row || a.column - b.column);
}

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

/** A county's name for the reader, in Latin letters where the page is in English. Some lists know the name only, not the code. */
export function countyName(c: { name: string; code?: string }, language: string): string {
  if (language !== "en") return c.name;
  const known: Place[] = linyi;
  const place = c.code
    ? known.find((p) => p.code === c.code)
    : known.find((p) => c.name.includes(p.zh) || (p.also && c.name.includes(p.also)));
  return place?.en ?? c.name;
}
