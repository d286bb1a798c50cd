// When to try again: quickly at first, then patiently, and never all tiles in the same instant.
const STEPS = [1, 2, 5, 10, 20, 30];

export function backoff(attempt: number, random: () => number = Math.random): number {
  const base = STEPS[Math.min(Math.max(attempt, 0), STEPS.length - 1)]! * 1000;
  return Math.round(base * (0.8 + 0.4 * random()));
}
