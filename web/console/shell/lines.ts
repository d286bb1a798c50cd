// The lines of a form, by the names that the server gives them: so that what is wrong can be named, and gone to.
export type FormLines = Record<string, { id: string; label: string }>;

export function lineOf(lines: FormLines | undefined, path: string): { id: string; label: string } | undefined {
  return lines?.[path] ?? lines?.[path.slice(path.lastIndexOf(".") + 1)];
}

/** Brings a line into view and puts the cursor there. A choice keeps its id on a part that takes no focus itself. */
export function goTo(id: string): void {
  const line = document.getElementById(id);
  if (!line) return;
  line.scrollIntoView({ block: "center" });
  const takes = line.matches("input, textarea, select") ? line : line.querySelector<HTMLElement>("input, textarea");
  (takes ?? line).focus({ preventScroll: true });
}
