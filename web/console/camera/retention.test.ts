import { expect, it } from "vitest";
import { fit } from "./retention";

const TB = 1e12;

it("says that 30 days were promised and 18 fit", () => {
  // 4 Mbit/s are 43.2 GB a day.
  const answer = fit({ capacity: 0.8 * TB, others: 0, main: 4e6, sub: 0, days: { main: 30, sub: 30 } });
  expect(answer).toMatchObject({ fits: false, days: 18 });
});

it("cuts both streams at the same day, but none beyond its own promise", () => {
  const answer = fit({ capacity: 0.45 * TB, others: 0.05 * TB, main: 4e6, sub: 512e3, days: { main: 7, sub: 60 } })!;
  expect(answer.fits).toBe(false);
  expect(answer.days).toBe(17);
});

it("is content when it fits, and silent when nothing was measured", () => {
  expect(fit({ capacity: 10 * TB, others: 1 * TB, main: 4e6, sub: 512e3, days: { main: 30, sub: 30 } })?.fits).toBe(true);
  expect(fit({ capacity: 10 * TB, others: 0, main: 0, sub: 0, days: { main: 30, sub: 30 } })).toBeUndefined();
  expect(fit({ capacity: 1 * TB, others: 2 * TB, main: 4e6, sub: 0, days: { main: 30, sub: 30 } })?.days).toBe(0);
});
