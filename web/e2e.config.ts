import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The browser stories live beside the other whole-system stories; their tools are installed here.
const tool = (name: string) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: {
    alias: {
      vitest: tool("vitest"),
      "playwright-core": tool("playwright-core"),
      "@axe-core/playwright": tool("@axe-core/playwright"),
      "hls-parser": tool("hls-parser"),
      "m3u8-parser": tool("m3u8-parser"),
      mp4box: tool("mp4box"),
    },
  },
  server: { fs: { strict: false } },
  test: {
    include: ["e2e/browser/**/*.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two stories at once are two servers and two browsers: on a small machine they would only wait for each other.
    fileParallelism: false,
    bail: 0,
  },
});
