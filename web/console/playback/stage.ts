// How several pictures share the stage: as large as they can be.

/** Columns for `n` pictures in a box, so that each is as large as possible. */
export function columnsFor(n: number, width: number, height: number, aspect = 16 / 9): number {
  let best = 1;
  let widest = 0;
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const wide = Math.min(width / columns, (height / rows) * aspect);
    if (wide > widest + 0.5) [best, widest] = [columns, wide];
  }
  return best;
}
