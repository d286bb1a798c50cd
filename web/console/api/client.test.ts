import { expect, it } from "vitest";
import { api } from "./client";
import { serverNow } from "./now";

/** A server that says this date, and how long its reply may be kept. */
async function replies(date: string, kept: string): Promise<number> {
  const headers = { Date: date, "Cache-Control": kept, "Content-Type": "application/json" };
  const fetch = async () => new Response("{}", { headers });
  await api.GET("/api/cameras", { baseUrl: "https://compound.example", fetch });
  return Math.round((serverNow() - Date.parse("2031-11-28T12:00:00Z")) / 60_000);
}

it("a reply that may come from the browser's store says nothing about the time", async () => {
  expect(await replies("Fri, 28 Nov 2031 12:00:00 GMT", "no-store")).toBe(0);
  expect(await replies("Fri, 28 Nov 2031 11:55:00 GMT", "private, max-age=300")).toBe(0);
  expect(await replies("Fri, 28 Nov 2031 11:55:00 GMT", "private, no-cache")).toBe(-5);
});
