// What a library brings along for nothing, left out by the build.
import type { Plugin } from "vite";

const ALL = "import * as Vue from 'vue';";
const ONE = "import { getCurrentInstance as vueInstance } from 'vue'; const Vue = { getCurrentInstance: vueInstance };";

/**
 * vue-i18n looks for one function of Vue by a name made at run time, so that a bundler has to keep all of Vue: hydration, custom
 * elements, transitions of lists. It is given that one function.
 */
export function oneOfVue(code: string): string {
  if (code.split(ALL).length !== 2)
    throw new Error(
      "vue-i18n imports Vue in another way than scripts/lean.ts knows: look whether it still has to be mended there",
    );
  return code.replace(ALL, ONE);
}

export function lean(): Plugin {
  return {
    name: "linli-lean",
    apply: "build",
    transform(code, id) {
      return id.endsWith("/vue-i18n/dist/vue-i18n.mjs") ? { code: oneOfVue(code), map: null } : null;
    },
  };
}
