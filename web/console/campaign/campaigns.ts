import type { components } from "../api/schema";

export type Activity = components["schemas"]["Activity"];
export type Line = components["schemas"]["Line"];
export type Notice = components["schemas"]["Notice"];
export type Campaign = components["schemas"]["Campaign"];

export const STRANDS = ["publicity", "networking", "patrol", "help"] as const;
export const KINDS = ["publicity", "meeting", "visit"] as const;
export type Kind = (typeof KINDS)[number];
export type Part = Line["part"];

/** The lines that each kind of activity has. */
export const PARTS: Record<Kind, Part[]> = {
  publicity: ["handed"],
  meeting: ["agenda", "stop", "speaker"],
  visit: ["stop", "speaker"],
};

/** Lines as people type them: one a line, "text | where | number". */
export function linesOf(part: Part, text: string): Line[] {
  return text
    .split("\n")
    .map((row) => row.split("|").map((cell) => cell.trim()))
    .filter((cells) => cells.some(Boolean))
    .map(([what = "", where = "", number = ""]) => ({
      part,
      text: what,
      ...(where ? { where } : {}),
      ...(/^\d+$/.test(number) ? { number: Number(number) } : {}),
    }));
}

export function textOf(part: Part, lines: Line[]): string {
  return lines
    .filter((l) => l.part === part)
    .map((l) => [l.text, l.where ?? "", l.number ? String(l.number) : ""].join(" | ").replace(/( \| )+$/, ""))
    .join("\n");
}
