/**
 * Somebody else saved while a form is being filled in: each field that is as it was follows, each that was changed here stays.
 * Tells whether one stayed that the other person changed too.
 */
export function merge<T extends object>(form: T, was: T, is: T): boolean {
  let both = false;
  for (const k of Object.keys(is) as (keyof T)[]) {
    if (form[k] === was[k]) form[k] = is[k];
    else if (is[k] !== was[k] && form[k] !== is[k]) both = true;
  }
  return both;
}
