// Why somebody looks is asked once per sitting and shown in the head bar. Guards look on duty and are not asked.
import { computed, ref } from "vue";

export type Purpose = "duty" | "incident" | "evidence" | "maintenance";

export interface Stated {
  purpose: Purpose;
  reason: string;
}

const KEY = "linli.purpose";
const stated = ref<Stated | null>(kept());
const asking = ref<{ roles: readonly string[]; answer: (s: Stated | null) => void } | null>(null);

function kept(): Stated | null {
  try {
    const raw = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Stated | null;
    return raw && typeof raw.purpose === "string" ? raw : null;
  } catch {
    return null;
  }
}

export function choices(roles: readonly string[]): Purpose[] {
  return roles.includes("guard") ? ["duty", "incident", "evidence"] : ["maintenance"];
}

export function statePurpose(s: Stated): void {
  stated.value = s;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(s));
  } catch {
    // Then it is asked again after a reload.
  }
}

export function forgetPurpose(): void {
  stated.value = null;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** The purpose of this sitting; asks when it has to. null: the person would not say. */
export function needPurpose(roles: readonly string[]): Promise<Stated | null> {
  const now = stated.value;
  if (now && choices(roles).includes(now.purpose)) return Promise.resolve(now);
  if (roles.includes("guard")) {
    const duty: Stated = { purpose: "duty", reason: "" };
    statePurpose(duty);
    return Promise.resolve(duty);
  }
  return askPurpose(roles);
}

let waiting: Promise<Stated | null> | undefined;

/** Opens the question; several tiles that ask at once share one answer. */
export function askPurpose(roles: readonly string[]): Promise<Stated | null> {
  waiting ??= new Promise<Stated | null>((resolve) => {
    asking.value = {
      roles,
      answer: (s) => {
        asking.value = null;
        waiting = undefined;
        if (s) statePurpose(s);
        resolve(s);
      },
    };
  });
  return waiting;
}

export function usePurpose() {
  return { stated: computed(() => stated.value), asking: computed(() => asking.value) };
}
