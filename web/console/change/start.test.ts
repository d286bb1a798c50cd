import { expect, it } from "vitest";
import { notBefore } from "./start";

it("begins at the first footage, and no earlier than asked", () => {
  const at = (iso: string) => Date.parse(iso);
  const from = at("2026-03-01T06:00:00Z");
  const span = (iso: string) => ({ from: iso });
  const late = [span("2026-03-01T17:50:00Z"), span("2026-03-01T17:40:00Z")];
  expect(notBefore(late, from)).toBe(at("2026-03-01T17:40:00Z"));
  expect(notBefore([span("2026-02-27T00:00:00Z")], from)).toBe(from);
  expect(notBefore([], from)).toBe(from);
});
