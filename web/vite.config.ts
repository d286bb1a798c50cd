import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { mockServer } from "./mock/plugin.ts";

// LINLI_API names a running server for `npm run dev`; without it a made-up compound answers.
const upstream = process.env.LINLI_API;

export default defineConfig(({ command }) => ({
  plugins: [vue(), ...(command === "serve" && !upstream && !process.env.VITEST ? [mockServer()] : [])],
  define: { __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __INTLIFY_JIT_COMPILATION__: "true" },
  build: {
    // Gatehouse PCs run what was installed with them: nothing newer than Chromium 86.
    target: "chrome86",
    cssTarget: "chrome86",
    outDir: "dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
  },
  server: {
    port: 5173,
    proxy: upstream
      ? Object.fromEntries(["/api", "/media", "/openapi.json", "/docs"].map((p) => [p, { target: upstream, changeOrigin: false }]))
      : undefined,
  },
  test: { include: ["console/**/*.test.ts", "mock/**/*.test.ts"], environment: "node" },
}));
