import "./polyfill";
import "./style/element";
import "./style/tokens.css";
import "./style/base.css";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import { words } from "./words";

createApp(App).use(createPinia()).use(words).use(router).mount("#app");
