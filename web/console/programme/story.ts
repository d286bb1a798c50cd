const DAY = 86_400_000;
const plus = (day: string, days: number) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);

/** Days that a demo's clock is worth being moved on to: a week on, and the day after each deadline to come; none after the last. */
export function onwardDays(today: string, last: string, deadlines: string[]): string[] {
  if (!today || !last || last <= today) return [];
  const days = [plus(today, 7), ...deadlines.map((d) => plus(d, 1)), last];
  return [...new Set(days.filter((d) => d > today && d <= last))].sort();
}
