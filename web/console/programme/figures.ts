import type { City, Numbers } from "./programme";

/** The six figures that the city publishes, and how each is written. */
export const SIX = [
  { key: "compounds", trend: "compounds", money: false },
  { key: "built", trend: "built", money: false },
  { key: "networked", trend: "networked", money: false },
  { key: "channels_networked", trend: "channels_networked", money: false },
  { key: "paired", trend: "paired", money: false },
  { key: "received_fen", trend: "received_fen", money: true },
] as const satisfies readonly { key: keyof Numbers; trend: keyof City["trend"][number]; money: boolean }[];

export type Six = (typeof SIX)[number];
