export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const WAYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Which of several boxes an arrow leads to from another one: the nearest that way, straight on before aside. −1: none. */
export function towards(from: Box, boxes: Box[], key: string): number {
  const way = WAYS[key];
  if (!way) return -1;
  const middle = (b: Box) => [b.x + b.w / 2, b.y + b.h / 2] as const;
  const [fx, fy] = middle(from);
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  boxes.forEach((b, i) => {
    const [x, y] = middle(b);
    const along = (x - fx) * way[0] + (y - fy) * way[1];
    const aside = Math.abs((x - fx) * way[1]) + Math.abs((y - fy) * way[0]);
    if (along <= 1) return;
    const far = along + aside * 3;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}
