import type { Plugin } from "vite";

/** A made-up compound for `npm run dev`; never part of the built pages. */
export function mockServer(): Plugin {
  return { name: "linli-mock" };
}
