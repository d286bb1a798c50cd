import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { api, ask, askedEarlier } from "../api/client";
import { taken } from "../api/early";
import { journal } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import type { components } from "../api/schema";
import { leases } from "../look/door";
import { keepZone } from "../words/zone";
import { ownPage, ownWord, widest } from "./office";
import { forgetPurpose } from "./purpose";

type Me = components["schemas"]["SessionBody"];

/** Who sits here. */
export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const problem = ref<Problem | null>(null);
  let asked: Promise<void> | undefined;

  const signedIn = computed(() => me.value !== null);
  const mustChange = computed(() => me.value?.must_change === true);
  const roles = computed<string[]>(() => me.value?.roles ?? []);
  const isGuard = computed(() => roles.value.includes("guard"));

  /** The city's office decides on what counties hand in. */
  const isCityOffice = computed(() => (me.value?.offices ?? []).some((o) => o.role === "city-office"));
  const offices = computed(() => me.value?.offices ?? []);
  /** How far one sees in the programme; who keeps the machine, or holds no office, sees what is permitted. */
  const reach = computed(() => (roles.value.includes("operator") ? "none" : widest(offices.value).reach));
  /** The own page in the programme, and what it is called. */
  const own = computed(() =>
    reach.value === "none"
      ? { to: "/city", word: "programme.menu.city" }
      : { to: ownPage(offices.value), word: ownWord(offices.value) },
  );
  /** Raises and checks tasks of counties, too: a county office does so only below itself. */
  const overCounties = computed(() => isCityOffice.value || roles.value.includes("operator"));

  function may(permission: string): boolean {
    return (me.value?.permissions ?? []).includes(permission);
  }

  /** Asks the server once whether this browser is signed in. */
  function ready(): Promise<void> {
    asked ??= refresh();
    return asked;
  }

  async function refresh(): Promise<void> {
    try {
      take(
        await ask<Me>(
          api.GET("/api/session", {
            fetch: (request) =>
              taken(
                "session",
                () => fetch(request),
                (...when) => askedEarlier(request, ...when),
              ),
          }),
        ),
      );
      problem.value = null;
    } catch (error) {
      take(null);
      const p = asProblem(error);
      problem.value = p.status === 401 ? null : p;
      if (p.unreachable) asked = undefined;
    }
  }

  function take(who: Me | null): void {
    keepZone(who?.zone);
    me.value = who?.signed_in ? who : null;
    // Before the first password is changed the server tells nothing.
    if (me.value && !me.value.must_change) journal.open();
    else journal.close();
  }

  async function signIn(name: string, password: string): Promise<void> {
    take(await ask<Me>(api.POST("/api/session", { body: { name, password } })));
    asked = Promise.resolve();
  }

  async function signOut(): Promise<void> {
    leases.leaveAll();
    try {
      await ask(api.DELETE("/api/session"));
    } finally {
      lost("signed-out");
    }
  }

  /** The stream of events broke off: is it the network, or are we no longer signed in? */
  async function check(): Promise<void> {
    if (!me.value) return;
    try {
      const who = await ask(api.GET("/api/session", {}));
      if (!who.signed_in) lost();
    } catch {
      // The network: the stream tries again by itself.
    }
  }

  /** The server no longer knows us: every picture goes dark at once. */
  function lost(why = "session-ended"): void {
    leases.finishAll(why);
    forgetPurpose();
    take(null);
  }

  async function changePassword(old: string, fresh: string): Promise<void> {
    // Every session of the account ends; the answer brings a new one for here.
    leases.finishAll("session-ended");
    journal.close();
    take(await ask<Me>(api.POST("/api/session/password", { body: { old, new: fresh } })));
  }

  return {
    me,
    problem,
    signedIn,
    mustChange,
    roles,
    isGuard,
    isCityOffice,
    offices,
    reach,
    own,
    overCounties,
    may,
    ready,
    refresh,
    check,
    signIn,
    signOut,
    lost,
    changePassword,
  };
});
