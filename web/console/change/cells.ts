// Which cells of a rectangle changed between two pictures. A thin thing (the arm of a barrier) covers a few per cent of
// what was framed and drowns in any mean over it, so the cells are looked at one by one: what is left of each after one
// gain and one offset for the whole picture (a cloud, dusk, the camera's exposure) must stand out of all the others' rest.

/** Less than this many grey levels is no change, however calm the rest is: compression alone makes as much. */
const FLOOR = 8;
/** A changed cell stands this far out of the median rest; sensor noise reaches five times the median in one of 1000. */
const OUT = 6;
/** 1 % of 24 × 24: fewer cells side by side are a spark, not a thing. */
const FEWEST = 6;
const ROUNDS = 5;
/** Draws the gain of a picture without contrast towards 1: there it would be read from noise. */
const CALM = 25;

/** What of `b` cannot be told from `a` by one gain and one offset, cell by cell, in grey levels. */
export function rest(a: Float32Array, b: Float32Array): Float32Array {
  const left = new Float32Array(a.length);
  let limit = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const gain = gainOf(a, b, left, limit);
    for (let i = 0; i < a.length; i++) left[i] = b[i]! - gain * a[i]!;
    const offset = median(left);
    for (let i = 0; i < a.length; i++) left[i] = Math.abs(left[i]! - offset);
    limit = Math.max(4 * median(left), 2);
  }
  return left;
}

/** How far each cell that changed stands out; 0 for the others. Undefined when nothing local changed. */
export function changedCells(left: Float32Array, side: number): Float32Array | undefined {
  const limit = Math.max(FLOOR, OUT * median(left));
  const cells = left.map((x, i) => (x > limit && hasNeighbour(left, i, side, limit) ? x : 0));
  return cells.filter((x) => x > 0).length < FEWEST ? undefined : cells;
}

export function median(v: Float32Array): number {
  return v.slice().sort()[v.length >> 1]!;
}

/** Least squares over the cells whose last rest was within the limit. */
function gainOf(a: Float32Array, b: Float32Array, left: Float32Array, limit: number): number {
  let n = 0;
  let ma = 0;
  let mb = 0;
  for (let i = 0; i < a.length; i++) {
    if (left[i]! > limit) continue;
    n++;
    ma += a[i]!;
    mb += b[i]!;
  }
  ma /= n;
  mb /= n;
  let ab = n * CALM;
  let aa = n * CALM;
  for (let i = 0; i < a.length; i++) {
    if (left[i]! > limit) continue;
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
  }
  // No light takes all contrast away: a wall where a bike stood is not a bike at gain 0.
  return Math.min(2.5, Math.max(0.4, ab / aa));
}

function hasNeighbour(left: Float32Array, i: number, side: number, limit: number): boolean {
  const x = i % side;
  const y = (i - x) / side;
  for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++)
    for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++)
      if (v * side + u !== i && left[v * side + u]! > limit) return true;
  return false;
}
