// What the stories of the demo city are told with: one server, one browser, and the operator's page.
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Compound } from "./server";

/** Everybody's password, from the second sign-in on. */
export const CHOSEN = "a-quiet-evening-7";

export interface Told {
  city: Compound;
  browser: Browser;
  context: BrowserContext;
  page: Page;
}

/** What the page shows, and what the city calls its places. */
export function asked(at: () => Told) {
  const json = async (path: string) => (await at().page.request.get(`${at().city.base}${path}`)).json();
  const figure = (key: string) => at().page.locator(`[data-figure=${key}] .n`).innerText();
  const six = async () => Promise.all(["compounds", "built", "networked", "channels_networked", "paired", "received_fen"].map(figure));
  const county = async (name: string) => ((await json("/api/places?level=county")) as { places: { place: string; name: string }[] }).places.find((p) => p.name === name)!.place;
  const found = async (search: string) => ((await json(`/api/compounds?search=${encodeURIComponent(search)}`)) as { compounds: { compound: string; name: string }[] }).compounds;
  return { figure, six, county, found };
}
