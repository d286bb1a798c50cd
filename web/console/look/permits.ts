// What the policies permit whoever sits here, asked of the server: nothing is offered that the door would refuse, and
// nothing is asked for that would only fill the register with refusals.
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { useSession } from "../session/session";
import type { LookKind } from "./lease";

export type Permit = components["schemas"]["PermitView"];

export const usePermits = defineStore("permits", () => {
  const session = useSession();
  const all = ref<Permit[]>([]);
  const who = computed(() => [session.me?.account, session.me?.must_change, ...session.roles].join());
  let asked: Promise<Permit[]> | undefined;

  /** Asked once for each person. */
  function load(): Promise<Permit[]> {
    const mine = who.value;
    asked ??= ask(api.GET("/api/looks/permits", {})).then(({ permits }) => {
      if (mine === who.value) all.value = permits ?? [];
      return permits ?? [];
    });
    asked.catch(() => {
      if (mine === who.value) asked = undefined;
    });
    return asked;
  }
  watch(who, () => {
    asked = undefined;
    all.value = [];
  });

  /** Whether any purpose permits this kind of look. */
  const may = (kind: LookKind): boolean => all.value.some((p) => p.kind === kind);

  return { all, load, may };
});

/** How much footage may be asked for at once, in milliseconds; 0: none. */
export function longest(permits: readonly Permit[], kind: LookKind, purpose: string): number {
  return Math.max(
    0,
    ...permits.filter((p) => p.kind === kind && p.purpose === purpose).map((p) => (p.longest_s ?? 0) * 1000),
  );
}
