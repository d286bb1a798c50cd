// How pictures are arranged. A wall is an ordered list of cameras; a layout shows a page of it.
export const LAYOUTS = ["1", "4", "9", "16", "focus"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** The focus layout: one large picture and seven small ones around it. */
const FOCUS = 8;

export interface Cell {
  /** Grid lines, 1-based, as CSS counts them. */
  column: number;
  row: number;
  span: number;
}

export interface WallSetting {
  layout: Layout;
  order: string[];
  page: number;
  /** Somebody chose the layout; until then it grows with the cameras. */
  chosen: boolean;
}

export function isLayout(value: unknown): value is Layout {
  return typeof value === "string" && (LAYOUTS as readonly string[]).includes(value);
}

export function slots(layout: Layout): number {
  return layout === "focus" ? FOCUS : Number(layout);
}

/** The smallest of the usual walls that shows so many cameras at once, as far as one does. */
export function usual(cameras: number): Layout {
  return cameras <= 4 ? "4" : cameras <= 9 ? "9" : "16";
}

export function columns(layout: Layout): number {
  return layout === "focus" ? 4 : Math.sqrt(slots(layout));
}

export function cells(layout: Layout): Cell[] {
  if (layout === "focus") {
    const around: Cell[] = [
      { column: 4, row: 1, span: 1 },
      { column: 4, row: 2, span: 1 },
      { column: 4, row: 3, span: 1 },
      { column: 1, row: 4, span: 1 },
      { column: 2, row: 4, span: 1 },
      { column: 3, row: 4, span: 1 },
      { column: 4, row: 4, span: 1 },
    ];
    return [{ column: 1, row: 1, span: 3 }, ...around];
  }
  const n = columns(layout);
  return Array.from({ length: n * n }, (_, i) => ({ column: (i % n) + 1, row: Math.floor(i / n) + 1, span: 1 }));
}

export function pages(layout: Layout, cameras: number): number {
  return Math.max(1, Math.ceil(cameras / slots(layout)));
}

/** What stands in each slot of a page; undefined is an empty place. */
export function shown(setting: WallSetting): (string | undefined)[] {
  const n = slots(setting.layout);
  const page = Math.min(Math.max(setting.page, 0), pages(setting.layout, setting.order.length) - 1);
  return Array.from({ length: n }, (_, i) => setting.order[page * n + i]);
}

/** Keeps the arrangement of the known, drops what is gone, puts what is new at the end. */
export function reconcile(order: readonly string[], cameras: readonly string[]): string[] {
  const there = new Set(cameras);
  const kept = [...new Set(order)].filter((id) => there.has(id));
  const placed = new Set(kept);
  return [...kept, ...cameras.filter((id) => !placed.has(id))];
}

/** Puts `from` where `to` is and `to` where `from` was. */
export function swap(order: readonly string[], from: string, to: string): string[] {
  return order.map((id) => (id === from ? to : id === to ? from : id));
}

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** The slot that an arrow key leads to from slot `at`, as the eye sees the grid. */
export function neighbour(layout: Layout, at: number, arrow: Arrow): number {
  const grid = cells(layout);
  const here = grid[at];
  if (!here) return 0;
  const [hx, hy] = centre(here);
  let best = at;
  let bestCost = Number.POSITIVE_INFINITY;
  grid.forEach((cell, i) => {
    if (i === at || !beyond(here, cell, arrow)) return;
    const [x, y] = centre(cell);
    const across = arrow === "ArrowLeft" || arrow === "ArrowRight" ? Math.abs(y - hy) : Math.abs(x - hx);
    const along = arrow === "ArrowLeft" || arrow === "ArrowRight" ? Math.abs(x - hx) : Math.abs(y - hy);
    const cost = along + 2 * across;
    if (cost < bestCost) {
      bestCost = cost;
      best = i;
    }
  });
  return best;
}

function centre(cell: Cell): [number, number] {
  return [cell.column + cell.span / 2, cell.row + cell.span / 2];
}

function beyond(here: Cell, there: Cell, arrow: Arrow): boolean {
  switch (arrow) {
    case "ArrowLeft":
      return there.column + there.span <= here.column;
    case "ArrowRight":
      return there.column >= here.column + here.span;
    case "ArrowUp":
      return there.row + there.span <= here.row;
    case "ArrowDown":
      return there.row >= here.row + here.span;
  }
}

/** Reads a saved wall; whatever does not fit is replaced by the usual. */
export function readSetting(value: unknown): WallSetting {
  const raw = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const order = Array.isArray(raw.order) ? raw.order.filter((id): id is string => typeof id === "string") : [];
  const page = typeof raw.page === "number" && raw.page >= 0 ? Math.floor(raw.page) : 0;
  const known = isLayout(raw.layout);
  return { layout: known ? (raw.layout as Layout) : "4", order, page, chosen: known && raw.chosen !== false };
}
