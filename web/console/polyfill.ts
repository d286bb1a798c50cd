// What the libraries below us take for granted and Chromium 86 does not have yet.
// Our own code stays within Chromium 86 by itself; old.test.ts looks.

type AnyArray = { length: number; [n: number]: unknown };

function at(this: AnyArray, index: number): unknown {
  const n = Math.trunc(index) || 0;
  return this[n < 0 ? this.length + n : n];
}

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

define(Array.prototype, "at", at);
define(String.prototype, "at", at);
// biome-ignore lint/suspicious/noPrototypeBuiltins: this is what it is made of
define(Object, "hasOwn", (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key));
define(globalThis, "structuredClone", (value: unknown) => JSON.parse(JSON.stringify(value)));
define(Array.prototype, "findLast", function (this: unknown[], test: (value: unknown, index: number) => boolean) {
  for (let i = this.length - 1; i >= 0; i--) if (test(this[i], i)) return this[i];
  return undefined;
});
