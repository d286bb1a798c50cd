import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { called, calledAll } from "../programme/called";
import { countyName } from "../programme/tiles";

export type Entry = components["schemas"]["SupervisionEntry"];
export type Counts = components["schemas"]["Counts"];
export type Rule = components["schemas"]["Rule"];
export type Act = "sign" | "begin" | "report" | "strike-off" | "return" | "withdraw";

/** The columns of the board, in the order in which a task walks them. */
export const COLUMNS = ["raised", "signed", "underway", "returned", "reported", "struck-off"] as const;
export const STATES = [...COLUMNS, "withdrawn"] as const;

const NEEDS: Record<Act, string> = {
  sign: "supervision.act",
  begin: "supervision.act",
  report: "supervision.act",
  "strike-off": "supervision.check",
  return: "supervision.check",
  withdraw: "supervision.raise",
};

/** Steps that say something: without a note the server refuses them. */
export const SAYS: Act[] = ["report", "return", "withdraw"];

/** Who asks what can be done. */
export interface Asker {
  may: (permission: string) => boolean;
  /** Checks and withdraws tasks of counties, too: a county office does so only below itself. */
  overCounties: boolean;
}

/** Tasks that the city's office has raised are its own to withdraw and to put off. */
export const ofCity = (tasks: Entry[], { overCounties }: Pick<Asker, "overCounties">) =>
  !overCounties && tasks.some((t) => t.by_city);

/** What somebody may do with all of these tasks now. */
export function common(tasks: Entry[], asker: Asker): Act[] {
  const { may, overCounties } = asker;
  if (tasks.length === 0) return [];
  const below = overCounties || tasks.every((t) => t.level !== "county" && t.level !== "unit");
  return (Object.keys(NEEDS) as Act[]).filter(
    (a) =>
      may(NEEDS[a]) &&
      (below || NEEDS[a] === "supervision.act") &&
      !(a === "withdraw" && ofCity(tasks, asker)) &&
      tasks.every((t) => t.next.includes(a)),
  );
}

/** Takes one step with one or many tasks. */
export function take(act: Act, tasks: Entry[], note: string, due = ""): Promise<{ tasks: Entry[] }> {
  const taken = tasks.map((t) => ({ id: t.id, version: t.version }));
  switch (act) {
    case "strike-off":
    case "return":
      return ask(
        api.POST("/api/supervision-tasks/checks", { body: { act, tasks: taken, note, ...(due ? { due } : {}) } }),
      );
    case "withdraw":
      return ask(api.POST("/api/supervision-tasks/withdrawals", { body: { tasks: taken, note } }));
    default:
      return ask(api.POST("/api/supervision-tasks/steps", { body: { act, tasks: taken, note } }));
  }
}

/** What says whom a task is for. */
export type Whom = Pick<Entry, "name" | "level" | "street" | "county_name">;

/** Whom a task is for: the compound or community with its street, the street, the county, the member unit. */
export function where(e: Whom, language = "zh"): string {
  switch (e.level) {
    case "county":
      return countyName(e, language);
    case "compound":
    case "community":
      return calledAll([e.street, e.level === "community" ? called(e.name, language) : e.name], language, " ");
    default:
      return called(e.name, language);
  }
}

/** The same with the county before it, where it lies in one. */
export function whole(e: Whom, language = "zh"): string {
  const county = e.level === "county" || !e.county_name ? "" : countyName({ name: e.county_name }, language);
  return `${county} ${where(e, language)}`.trim();
}
