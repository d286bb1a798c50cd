/** Heights of names that should stand at `wanted`, moved just so far that none lies on another and the last ends by `most`. */
export function apart(wanted: number[], gap: number, most: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  const out = [...wanted];
  let floor = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    out[i] = Math.max(wanted[i]!, floor);
    floor = out[i]! + gap;
  }
  let ceiling = most;
  for (const i of order.reverse()) {
    out[i] = Math.min(out[i]!, ceiling);
    ceiling = out[i]! - gap;
  }
  return out;
}
