// Days as they are kept and typed: "2017-09-27", without an hour and without a zone.
const DAY = 86_400_000;

const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const write = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** A day however people write it (2017-9-27, 2017/09/27, 20170927, with words between); "" for what is no day. */
export function dayFrom(text: string): string {
  const found =
    /^\s*(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?\s*$/.exec(text) ?? /^\s*(\d{4})(\d\d)(\d\d)\s*$/.exec(text);
  if (!found) return "";
  const day = `${found[1]}-${found[2]!.padStart(2, "0")}-${found[3]!.padStart(2, "0")}`;
  const ms = at(day);
  // The 31st of a short month is none, though some browsers read it as the 1st of the next.
  return Number.isNaN(ms) || write(ms) !== day ? "" : day;
}

/** While somebody types, a day counts once month and day have both their digits: "2017-09-2" may become the 27th. undefined: not yet. */
export function dayTyped(text: string): string | undefined {
  if (text.trim() === "") return "";
  return (/^\s*\d{4}\D?\d\d\D?\d\d\D?\s*$/.test(text) && dayFrom(text)) || undefined;
}

export function dayOn(day: string, days: number): string {
  return write(at(day) + days * DAY);
}

/** The same day some months on or back; the last day of a month that is too short for it. */
export function monthOn(day: string, months: number): string {
  const from = new Date(at(day));
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1);
  const next = new Date(first);
  const last = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
  return write(first + (Math.min(from.getUTCDate(), last) - 1) * DAY);
}

/** 0 is Monday. */
export function weekday(day: string): number {
  return (new Date(at(day)).getUTCDay() + 6) % 7;
}

/** The six weeks, from a Monday on, that show the month of a day. */
export function weeksAround(day: string): string[][] {
  const first = `${day.slice(0, 8)}01`;
  const begin = dayOn(first, -weekday(first));
  return Array.from({ length: 6 }, (_, w) => Array.from({ length: 7 }, (_, d) => dayOn(begin, w * 7 + d)));
}
