import { type FormWords, type Item, inWords, type Section } from "./inspections";

export type Kind = Item["kind"];
/** In the order in which the page offers them. */
export const KINDS: Kind[] = ["yes-no", "choice", "points", "integer", "decimal", "text", "photo", "note"];

export const isNumber = (kind: Kind) => kind === "integer" || kind === "decimal";
/** What is worth nothing: it is only read, or written. */
export const hasPoints = (kind: Kind) => kind !== "text" && kind !== "photo" && kind !== "note";

export function blankForm(): FormWords {
  const form: FormWords = {
    title: { zh: "" },
    note: { zh: "" },
    pass: 90,
    mend: 70,
    judged: 70,
    mend_days: 30,
    sections: [],
  };
  addSection(form);
  return form;
}

/** What a form may be called: the server's rule. */
export const goodId = (id: string) => /^[a-z][a-z0-9-]{1,39}$/.test(id);

/** Whether anything was written in a section: a blank one goes without a question. */
export const written = (s: Section) =>
  Boolean(s.title.zh.trim() || s.title.en?.trim() || s.items.some((i) => i.title.zh.trim() || i.title.en?.trim()));

/** The newest version of a form among all heads: what is written next follows it. */
export function newestOf<T extends { id: string; number: number }>(heads: T[], id: string): T | undefined {
  return heads.filter((f) => f.id === id).sort((a, b) => b.number - a.number)[0];
}

/** What is kept of a form that was not saved: in this window, for this account. */
export interface KeptForm {
  id: string;
  /** The version that it was written on. */
  seen: number;
  form: FormWords;
}
export function readKept(text: string | null): KeptForm | null {
  try {
    const got = JSON.parse(text ?? "null") as KeptForm | null;
    return got && Array.isArray(got.form?.sections) ? got : null;
  } catch {
    return null;
  }
}

/** A name that nothing in the form has yet: names are the form's own and are not shown to inspectors. */
export function freeName(form: FormWords, stem: string): string {
  const taken = new Set(form.sections.flatMap((s) => [s.name, ...s.items.map((i) => i.name)]));
  let n = 1;
  while (taken.has(`${stem}_${n}`)) n++;
  return `${stem}_${n}`;
}

export function addSection(form: FormWords): void {
  const section: Section = { name: freeName(form, "part"), title: { zh: "" }, weight: 0, items: [] };
  form.sections.push(section);
  addItem(form, section);
}

export function addItem(form: FormWords, section: Section): Item {
  const item: Item = { name: freeName(form, "item"), title: { zh: "" }, kind: "yes-no", weight: 0 };
  section.items.push(item);
  return section.items[section.items.length - 1]!;
}

/** Moves the i-th of a list up or down; at the ends it stays. */
export function move<T>(list: T[], i: number, by: -1 | 1): void {
  const [a, b] = [list[i], list[i + by]];
  if (a === undefined || b === undefined) return;
  list[i] = b;
  list[i + by] = a;
}

/** Points of a section, and of the whole form: 100 at the end. */
export const pointsOf = (s: Section) => s.items.reduce((n, i) => n + (hasPoints(i.kind) ? i.weight : 0), 0);
export const total = (form: FormWords) => form.sections.reduce((n, s) => n + pointsOf(s), 0);

/** What is sent: of each item only what its kind can say. */
export function cleaned(form: FormWords): FormWords {
  const words = (w: { zh: string; en?: string } | undefined) => {
    const out = { zh: w?.zh?.trim() ?? "", en: w?.en?.trim() };
    return out.en ? { zh: out.zh, en: out.en } : { zh: out.zh };
  };
  const item = (i: Item): Item => {
    const out: Item = { name: i.name, title: words(i.title), kind: i.kind, weight: hasPoints(i.kind) ? i.weight : 0 };
    const hint = words(i.hint);
    if (hint.zh || "en" in hint) out.hint = hint;
    if (i.veto && hasPoints(i.kind)) out.veto = true;
    if (i.may_not_apply) out.may_not_apply = true;
    if (i.required && !hasPoints(i.kind)) out.required = true;
    if (i.photo && i.kind !== "photo" && i.kind !== "note") out.photo = i.photo;
    if (i.kind === "choice") out.choices = (i.choices ?? []).map((c) => ({ ...c, title: words(c.title) }));
    if (isNumber(i.kind))
      for (const f of ["least", "most", "zero", "full"] as const) if (i[f]?.trim()) out[f] = i[f]!.trim();
    if (i.when) out.when = i.when;
    return out;
  };
  return {
    ...form,
    title: words(form.title),
    note: words(form.note),
    sections: form.sections.map((s) => ({
      name: s.name,
      title: words(s.title),
      weight: pointsOf(s),
      items: s.items.map(item),
    })),
  };
}

/** Choices of an item that has none yet: the best and the worst. */
export function withChoices(i: Item): void {
  if (i.kind === "choice" && !i.choices?.length)
    i.choices = [
      { name: "a", title: { zh: "" }, share: 100 },
      { name: "b", title: { zh: "" }, share: 0 },
    ];
}

export function addChoice(i: Item): void {
  const taken = new Set((i.choices ?? []).map((c) => c.name));
  const name = "abcdefghijklmnopqrstuvwxyz0123".split("").find((c) => !taken.has(c));
  if (name) i.choices = [...(i.choices ?? []), { name, title: { zh: "" }, share: 0 }];
}

/** Which part of the form a finding's path is about: "sections[0].items[2].title.zh". */
export function whereOf(form: FormWords, path: string, language: string): string {
  const [, s, i] = /^sections\[(\d+)\](?:\.items\[(\d+)\])?/.exec(path) ?? [];
  const section = s === undefined ? undefined : form.sections[Number(s)];
  if (!section) return "";
  const item = i === undefined ? undefined : section.items[Number(i)];
  const part = inWords(section.title, language) || String(Number(s) + 1);
  return item ? `${part} · ${inWords(item.title, language) || Number(i) + 1}` : part;
}
