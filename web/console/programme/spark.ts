/** The paths of a small line over its values, from nothing at the bottom to the largest at the top. */
export function spark(values: number[], width: number, height: number, pad: number): { line: string; area: string } {
  if (values.length === 0) return { line: "", area: "" };
  const top = Math.max(...values, 1);
  const low = Math.min(0, ...values);
  const x = (i: number) => (values.length === 1 ? width : (i * width) / (values.length - 1));
  const y = (v: number) => pad + (1 - (v - low) / (top - low)) * (height - 2 * pad);
  const points = (values.length === 1 ? [values[0]!, values[0]!] : values).map(
    (v, i, all) => `${round((i * width) / (all.length - 1))} ${round(y(v))}`,
  );
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${round(x(values.length - 1))} ${height}L0 ${height}Z` };
}

const round = (n: number) => Math.round(n * 10) / 10;
