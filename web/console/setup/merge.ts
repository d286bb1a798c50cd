/**
 * Somebody else saved while a form is being filled in: each field that is as it was follows, each that was changed here stays.
 * Tells whether one stayed that the other person changed too.
 */
export function merge<T extends object>(form: T, was: T, is: T): boolean {
  let both = false;
  for (const k of Object.keys(is) as (keyof T)[]) {
    if (same(form[k], was[k])) form[k] = copy(is[k]);
    else if (!same(is[k], was[k]) && !same(form[k], is[k])) both = true;
  }
  return both;
}

/**
 * Merges, and tells whether the other person's change lies under what is typed here: once it does, until what is typed is saved or
 * is what they said. A further reading that brings nothing new takes nothing back.
 */
export function follow<T extends object>(form: T, was: T, is: T, under: boolean): boolean {
  const both = merge(form, was, is);
  return both || (under && differs(form, is));
}

/** Whether something was typed that is not saved. */
export function differs<T extends object>(form: T, was: T): boolean {
  return (Object.keys(was) as (keyof T)[]).some((k) => !same(form[k], was[k]));
}

/** Lists and records are compared by what they hold: two readings of the same are never the same object. */
const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** What is typed into a list is not typed into what it is compared with. */
export const copy = <T>(value: T): T =>
  typeof value === "object" && value !== null ? (JSON.parse(JSON.stringify(value)) as T) : value;
