import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

// `npm run dev` stands before a running server: `make demo`, or the one that LINLI_API names.
const upstream = process.env.LINLI_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [vue()],
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
    proxy: Object.fromEntries(
      ["/api", "/media", "/openapi.json", "/docs", "/readyz"].map((p) => [p, { target: upstream }]),
    ),
  },
  test: { include: ["console/**/*.test.ts"], environment: "node" },
});
