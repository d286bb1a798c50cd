/** Money as offices type it, in yuan with two decimals at most, into fen: exactly, never by way of a fraction. null: it is no amount. */
export function fenOf(text: string): number | null {
  const plain = text
    .normalize("NFKC") // full-width figures and commas
    .replace(/[\s,]/g, "")
    .replace(/^¥/, "");
  const match = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** Fen written out: 12,345.60. */
export function yuan(fen: number): string {
  const whole = String(Math.floor(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${fen < 0 ? "−" : ""}${whole}.${String(Math.abs(fen) % 100).padStart(2, "0")}`;
}
