import { defineStore } from "pinia";
import { computed, effectScope, ref, shallowRef, watch } from "vue";
import { api, ask } from "../api/client";
import { journal, RESET } from "../api/events";
import { asProblem, type Problem } from "../api/problem";
import type { components } from "../api/schema";
import { language, words } from "../words";
import { keepNames } from "./called";

type Programme = Awaited<ReturnType<typeof read>>;
export type City = components["schemas"]["City"];
export type CountyRow = components["schemas"]["CountyRow"];
export type Numbers = components["schemas"]["Numbers"];
export type Deadline = components["schemas"]["Deadline"];
export type Light = "green" | "blue" | "yellow" | "red";
export const LIGHTS: Light[] = ["red", "yellow", "blue", "green"];

const read = () => ask(api.GET("/api/programme"));

/** The programme and its clock, read once for all its pages. */
export const useProgramme = defineStore("programme", () => {
  const now = shallowRef<Programme | null>(null);
  const problem = ref<Problem | null>(null);
  let begun = false;
  /** The first reading: every part of a page calls for it, and it is one request. */
  let first: Promise<void> | undefined;

  async function reload(): Promise<void> {
    try {
      now.value = await read();
      problem.value = null;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }
  async function readNames(): Promise<void> {
    if (language() !== "en") return;
    try {
      keepNames((await ask(api.GET("/api/place-names", {}))).names);
    } catch {
      // The names in Chinese are still right.
    }
  }
  /** Reads it unless it is there; the journal keeps it true, and the clock's day turns by itself. */
  function use(): void {
    if (!begun) {
      begun = true;
      for (const kind of ["programme.*", "milestone.*", RESET]) journal.on(kind, () => void reload());
      setInterval(() => void reload(), 300_000);
      // Chinese pages have the names as they are.
      effectScope(true).run(() =>
        watch(
          () => words.global.locale.value,
          () => void readNames(),
          { immediate: true },
        ),
      );
      for (const kind of ["place.founded", "place.changed", RESET]) journal.on(kind, () => void readNames());
    }
    if (!now.value)
      first ??= reload().finally(() => {
        first = undefined;
      });
  }
  const today = computed(() => now.value?.today ?? "");
  /** Its name in the language of the page. */
  const called = computed(() => (language() === "en" && now.value?.name_en) || now.value?.name || "");
  return { now, problem, today, called, use, reload };
});
