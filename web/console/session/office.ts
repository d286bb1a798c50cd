// Where somebody works, and so where one begins and which pages are of use.
export interface Office {
  role: string;
  place?: string;
  unit?: string;
}

/** How far somebody sees: the whole city, a county, a part of it, single compounds, a unit's pairings, or nothing of it. */
export type Reach = "city" | "county" | "area" | "compound" | "unit" | "none";

const WIDEST: [string, Reach][] = [
  ["city-office", "city"],
  ["county-office", "county"],
  ["street-office", "area"],
  ["community-office", "area"],
  ["manager", "compound"],
  ["member-unit", "unit"],
];

/** The widest role that is held, and the places where it is held. */
export function widest(offices: Office[]): { role: string; reach: Reach; places: string[] } {
  for (const [role, reach] of WIDEST) {
    const held = offices.filter((o) => o.role === role);
    if (held.length > 0) return { role, reach, places: held.map((o) => o.place ?? "").filter(Boolean) };
  }
  return { role: "", reach: "none", places: [] };
}

/** The page of the programme on which an office finds its own: the first in its menu. */
export function ownPage(offices: Office[]): string {
  const { reach, places } = widest(offices);
  const one = places.length === 1 ? places[0]! : "";
  switch (reach) {
    case "county":
      return one ? `/city/${one}` : "/city";
    case "area":
      return one ? `/area/${one}` : "/area";
    case "compound":
      return one ? `/compounds/${one}` : "/area";
    case "unit":
      return "/help";
    default:
      return "/city";
  }
}

/** Key of what that page is called in the menu. */
export function ownWord(offices: Office[]): string {
  const { role, reach, places } = widest(offices);
  switch (reach) {
    case "county":
      return places.length === 1 ? "mine.menu.county" : "programme.menu.city";
    case "area":
      return places.length > 1 ? "mine.title" : role === "street-office" ? "mine.menu.street" : "mine.menu.community";
    case "compound":
      return places.length === 1 ? "mine.menu.compound" : "mine.menu.compounds";
    case "unit":
      return "pairing.title";
    default:
      return "programme.menu.city";
  }
}
