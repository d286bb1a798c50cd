import "./polyfill";
import "./style/element";
import "./style/tokens.css";
import "./style/base.css";
import { provideGlobalConfig } from "element-plus";
import { createPinia } from "pinia";
import { createApp, reactive } from "vue";
import App from "./App.vue";
import { router } from "./router";
import { kit, say, words } from "./words";
import type { Spoken } from "./words/load";

export function start(spoken: Spoken): void {
  say(spoken);
  const app = createApp(App);
  // For the whole app rather than around it: what the kit hangs beside the page (its messages, its questions) has them too.
  provideGlobalConfig(
    reactive({ locale: kit, button: { autoInsertSpace: false }, emptyValues: [undefined, null] }),
    app,
    true,
  );
  app.use(createPinia()).use(words).use(router).mount("#app");
}
