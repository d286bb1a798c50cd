import type { Reach } from "../session/office";

// The pages of the programme, in the order of the bar. A page adds itself here and in the router.
export interface MenuEntry {
  to: string;
  /** Key of its name. */
  word: string;
  /** The permission without which it is not offered. */
  needs: string;
  /** Whose work it is of use to; everybody's when left out. A bar names no page on which there is nothing to do. */
  for?: Reach[];
}

const WIDE: Reach[] = ["city", "county", "none"];
const OFFICES: Reach[] = ["city", "county", "area", "none"];

export const menu: MenuEntry[] = [
  { to: "/city", word: "programme.menu.city", needs: "programme.read", for: WIDE },
  { to: "/screen", word: "programme.menu.screen", needs: "programme.read", for: ["city", "none"] },
  { to: "/bulletin", word: "programme.menu.bulletin", needs: "programme.read", for: WIDE },
  { to: "/bulletins", word: "programme.menu.issued", needs: "bulletin.read" },
  { to: "/help", word: "pairing.title", needs: "pairing.read" },
  { to: "/indicators", word: "indicator.title", needs: "indicator.read", for: WIDE },
  { to: "/places", word: "places.title", needs: "place.read", for: OFFICES },
  { to: "/lists", word: "programme.menu.lists", needs: "place.keep" },
  { to: "/tasks", word: "task.title", needs: "supervision.read" },
  { to: "/inspections", word: "inspection.title", needs: "inspection.read" },
  { to: "/returns", word: "programme.menu.returns", needs: "programme.read", for: WIDE },
  { to: "/campaigns", word: "campaign.title", needs: "campaign.read" },
  { to: "/programme", word: "setup.title", needs: "programme.write", for: ["city", "none"] },
];

/** What the bar offers somebody: the own page first, then whatever is of use and permitted. */
export function offered(
  own: { to: string; word: string },
  reach: Reach,
  may: (permission: string) => boolean,
): { to: string; word: string }[] {
  const rest = menu.filter((m) => may(m.needs) && m.to !== own.to && (!m.for || m.for.includes(reach)));
  return may("programme.read") ? [own, ...rest] : rest;
}
