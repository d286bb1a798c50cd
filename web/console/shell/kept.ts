// What a browser keeps for a page. Storage may be shut off, or full: the page works without.
type Where = () => Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function recall(key: string, where: Where = () => localStorage): string | null {
  try {
    return where().getItem(key);
  } catch {
    return null;
  }
}

/** null: forget it. */
export function keep(key: string, value: string | null, where: Where = () => localStorage): void {
  try {
    if (value === null) where().removeItem(key);
    else where().setItem(key, value);
  } catch {
    // As above.
  }
}
