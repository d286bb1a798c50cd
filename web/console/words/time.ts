// Times and sizes as people here write them: 2026-11-23 18:04:05, 3 分钟, 1.2 GB. Moments are written in the product's
// zone, in which its days begin, wherever the browser stands.
import { language } from ".";
import { wall } from "./zone";

const two = (n: number) => String(n).padStart(2, "0");

export function clock(t: number | Date | string, seconds = true): string {
  const d = wall(t);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${seconds ? `:${two(d.getUTCSeconds())}` : ""}`;
}

export function date(t: number | Date | string): string {
  const d = wall(t);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

export function moment(t: number | Date | string | undefined | null): string {
  if (t === undefined || t === null || t === "") return "–";
  const d = wall(t);
  return Number.isNaN(d.getTime()) || d.getUTCFullYear() < 1971 ? "–" : `${date(t)} ${clock(t)}`;
}

/** A span of time, the second day only where it is another one: "11-23 18:04:05 – 18:10:00". */
export function range(from: number | string, to: number | string): string {
  const [a, b] = [new Date(from), new Date(to)];
  const day = (d: Date) => date(d).slice(5);
  // Midnight is the end of its day rather than the beginning of the next.
  const end = clock(b) === "00:00:00" && b > a ? new Date(b.getTime() - 1) : b;
  const last = end === b ? clock(b) : "24:00:00";
  return `${day(a)} ${clock(a)} – ${day(end) === day(a) ? "" : `${day(end)} `}${last}`;
}

const UNITS = {
  zh: [" 天", " 小时", " 分", " 秒"],
  en: [" d", " h", " min", " s"],
} as const;

/** The two largest units: "2 天 3 小时", "4 min 10 s". */
export function span(ms: number): string {
  const units = UNITS[language()];
  let rest = Math.max(0, Math.round(ms / 1000));
  const parts: [number, string][] = [86400, 3600, 60, 1].map((size, i) => {
    const n = Math.floor(rest / size);
    rest -= n * size;
    return [n, units[i]!];
  });
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return `0${units[3]}`;
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, u]) => `${n}${u}`)
    .join(" ");
}

/** A span for lists: whole minutes once there are some, so that a column does not tick. */
export function roughly(ms: number): string {
  return span(ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000);
}

export function bytes(n: number): string {
  let value = n;
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (value < 1000) return `${value < 10 && unit !== "B" ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return value < 1000 ? `${value.toFixed(2)} TB` : `${(value / 1000).toFixed(2)} PB`;
}

export function bitRate(bitsPerSecond: number): string {
  if (bitsPerSecond <= 0) return "–";
  return bitsPerSecond >= 1e6
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
    : `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)}%`;
}
