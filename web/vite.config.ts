import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { head, together } from "./scripts/head.ts";
import { lean } from "./scripts/lean.ts";

// `npm run dev` stands before a running server: `make demo`, or the one that LINLI_API names.
const upstream = process.env.LINLI_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [vue(), head(), lean()],
  define: {
    // Pages use the composition API only, and so does what they use of the kit.
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __INTLIFY_JIT_COMPILATION__: "true",
    // None of the library's own components.
    __VUE_I18N_LEGACY_API__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
  },
  build: {
    // Gatehouse PCs run what was installed with them: nothing newer than Chromium 86.
    target: "chrome86",
    cssTarget: "chrome86",
    outDir: "dist",
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // A file more costs an old PC more than the bytes in it: what every page needs is two files, …
            together("boot", 3, "boot.ts"),
            together("frame", 2, "main.ts", "shell/ProblemBox.vue", "words/time.ts"),
            // … and what the pages need that have to stand at once is one.
            together("programme", 1, "programme/CityPage.vue", "programme/CountyPage.vue", "screen/ScreenPage.vue"),
            together("wall", 0, "wall/WallPage.vue"),
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ["/api", "/media", "/openapi.json", "/docs", "/readyz"].map((p) => [p, { target: upstream }]),
    ),
  },
  test: { include: ["console/**/*.test.ts"], environment: "node" },
});
