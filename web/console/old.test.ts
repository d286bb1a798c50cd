import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

// Gatehouse PCs run Chromium 86. The bundler rewrites syntax, but nothing adds a missing method or a missing property of CSS.
const YOUNGER: [RegExp, string][] = [
  [/\.at\(-?\d/, "Array.at: 92"],
  [/Object\.hasOwn\(/, "Object.hasOwn: 93"],
  [/\bstructuredClone\(/, "structuredClone: 98"],
  [/crypto\.randomUUID/, "randomUUID: 92 and only in a secure context"],
  [/AbortSignal\.(timeout|any)/, "AbortSignal.timeout: 103"],
  [/\.(toSorted|toReversed|findLast|findLastIndex)\(/, "97 to 110"],
  [/Promise\.(any|withResolvers)/, "withResolvers: 119"],
  [/\b(VideoDecoder|VideoFrame|ImageDecoder)\b/, "WebCodecs: 94 and only in a secure context"],
  [
    /:has\(|color-mix\(|@container|@layer|\binset:|aspect-ratio:|\d[sd]vh\b|accent-color:|:is\(|:where\(/,
    "younger CSS",
  ],
];

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(vue|ts|css)$/.test(name) && !/\.test\.ts$|^schema\.ts$|^polyfill\.ts$/.test(name) ? [path] : [];
  });
}

it("the pages use nothing younger than Chromium 86", () => {
  const found: string[] = [];
  for (const path of sources(import.meta.dirname)) {
    const text = readFileSync(path, "utf8");
    for (const [pattern, since] of YOUNGER) if (pattern.test(text)) found.push(`${path}: ${since}`);
  }
  expect(found).toEqual([]);
});
