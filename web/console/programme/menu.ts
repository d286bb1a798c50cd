// The pages of the programme, in the order of the bar. A page adds itself here and in the router.
export interface MenuEntry {
  to: string;
  /** Key of its name. */
  word: string;
  /** The permission without which it is not offered. */
  needs: string;
}

export const menu: MenuEntry[] = [
  { to: "/city", word: "programme.menu.city", needs: "programme.read" },
  { to: "/screen", word: "programme.menu.screen", needs: "programme.read" },
  { to: "/bulletin", word: "programme.menu.bulletin", needs: "programme.read" },
  { to: "/bulletins", word: "bulletin.issued", needs: "bulletin.read" },
  { to: "/help", word: "pairing.title", needs: "pairing.read" },
  { to: "/indicators", word: "indicator.title", needs: "indicator.read" },
  { to: "/places", word: "places.title", needs: "place.read" },
  { to: "/lists", word: "programme.menu.lists", needs: "place.read" },
  { to: "/tasks", word: "task.title", needs: "supervision.read" },
  { to: "/inspections", word: "inspection.title", needs: "inspection.read" },
  { to: "/returns", word: "return.title", needs: "programme.read" },
  { to: "/campaigns", word: "campaign.title", needs: "campaign.read" },
];
