// Whether what is promised fits on the disks.
export interface Pledge {
  /** Bytes on all disks that recordings may use. */
  capacity: number;
  /** Bytes that all other cameras need for what was promised for them. */
  others: number;
  /** Measured bits per second. */
  main: number;
  sub: number;
  days: { main: number; sub: number };
}

const DAY = 86_400;

export interface Fit {
  fits: boolean;
  /** Bytes this camera needs for the promise. */
  bytes: number;
  /** Days that fit when both streams are cut at the same day. */
  days: number;
}

export function need(main: number, sub: number, days: { main: number; sub: number }): number {
  return ((main * days.main + sub * days.sub) * DAY) / 8;
}

/** undefined: nothing measured yet, so nothing can be said. */
export function fit(p: Pledge): Fit | undefined {
  if (p.capacity <= 0 || p.main + p.sub <= 0) return undefined;
  const bytes = need(p.main, p.sub, p.days);
  const room = Math.max(0, p.capacity - p.others);
  if (bytes <= room) return { fits: true, bytes, days: Math.max(p.days.main, p.days.sub) };
  let days = Math.max(p.days.main, p.days.sub);
  while (days > 0 && need(p.main, p.sub, { main: Math.min(days, p.days.main), sub: Math.min(days, p.days.sub) }) > room) days--;
  return { fits: false, bytes, days };
}
