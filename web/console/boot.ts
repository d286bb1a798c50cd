// What a page needs before it can show anything comes at once, instead of one after the other: its code, the sentences of
// its language, and who is here.
import { begin } from "./api/early";
import { anew, stands } from "./shell/anew";
import { chosen, TAG } from "./words/language";
import { loadEither } from "./words/load";

const language = chosen();
begin("session", () =>
  fetch("/api/session", { credentials: "same-origin", headers: { "Accept-Language": TAG[language] } }),
);
// The pages that an office opens in the morning: their code need not wait until the router runs.
if (/^\/(city|screen)\b/.test(location.pathname)) import("./programme/CityPage.vue").catch(() => {}); // the router says so
void Promise.all([import("./main"), loadEither(language)]).then(([main, spoken]) => {
  main.start(spoken);
  stands();
}, anew);
