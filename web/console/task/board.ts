/** The card that an arrow key leads to: [column, row] within columns of these lengths; empty columns are stepped over. */
export function step(lengths: number[], at: [number, number], key: string): [number, number] {
  const [column, row] = at;
  switch (key) {
    case "ArrowUp":
      return [column, Math.max(0, row - 1)];
    case "ArrowDown":
      return [column, Math.min((lengths[column] ?? 1) - 1, row + 1)];
    case "Home":
      return [column, 0];
    case "End":
      return [column, Math.max(0, (lengths[column] ?? 1) - 1)];
    case "ArrowLeft":
    case "ArrowRight": {
      const way = key === "ArrowLeft" ? -1 : 1;
      for (let c = column + way; c >= 0 && c < lengths.length; c += way)
        if (lengths[c]! > 0) return [c, Math.min(row, lengths[c]! - 1)];
    }
  }
  return at;
}
