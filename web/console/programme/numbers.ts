// Figures as offices write them: 17,475 · 59.6% · 374.5 万元.
import { words } from "../words";

export function count(n: number): string {
  return String(Math.abs(n))
    .replace(/\B(?=(\d{3})+$)/g, ",")
    .replace(/^/, n < 0 ? "−" : "");
}

/** With its sign: a change. */
export function more(n: number): string {
  return n > 0 ? `+${count(n)}` : count(n);
}

/** Thousandths, as the server counts; −1 is "of nothing". */
export function share(thousandths: number): string {
  return thousandths < 0 ? "–" : `${Math.floor(thousandths / 10)}.${thousandths % 10}%`;
}

/** Without its decimal: all and nothing are only what is all and nothing. */
export function wholeShare(thousandths: number): string {
  if (thousandths <= 0 || thousandths >= 1000) return share(thousandths).replace(".0", "");
  return `${Math.min(99, Math.max(1, Math.round(thousandths / 10)))}%`;
}

export function shareOf(part: number, all: number): string {
  return share(all > 0 ? Math.floor((part * 2000 + all) / (2 * all)) : -1);
}

/** A number with at most so many decimals, and none that say nothing. */
function decimal(n: number, most: number): string {
  const [round, rest] = Math.abs(n).toFixed(most).split(".");
  const tail = (rest ?? "").replace(/0+$/, "");
  return `${n < 0 ? "−" : ""}${count(Number(round))}${tail ? `.${tail}` : ""}`;
}

/** Money without and with its unit: Chinese counts in 万元. Brief is rounded, for where a long number has no room. */
export function moneyIn(fen: number, brief = false): { n: string; unit: string } {
  const zh = words.global.locale.value === "zh";
  if (zh) return { n: decimal(fen / 1_000_000, brief ? 1 : 4), unit: words.global.t("programme.wan") };
  return Math.abs(fen) >= 100_000_000
    ? {
        n: decimal(fen / 100_000_000, brief ? 2 : 4),
        unit: words.global.t(brief ? "programme.million-brief" : "programme.million"),
      }
    : { n: decimal(fen / 100, brief ? 0 : 2), unit: words.global.t("programme.yuan") };
}

export function money(fen: number, brief = false): string {
  const { n, unit } = moneyIn(fen, brief);
  return `${n} ${unit}`;
}
