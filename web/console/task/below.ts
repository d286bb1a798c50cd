import { api, ask } from "../api/client";

export type Scope = "county" | "street" | "community" | "compound" | "unit";
export interface Wanted {
  scope: Scope;
  /** The county. */
  within: string;
  /** Only compounds under this light. */
  light: "" | "yellow" | "red" | "blue";
}
export interface Choice {
  id: string;
  name: string;
  street: string;
}

const placesOf = async (parent: string, level: "street" | "community") =>
  (await ask(api.GET("/api/places", { params: { query: { parent, level, limit: 5000 } } }))).places;

/** Whom a task can be raised for: streets, communities or compounds of a county, or member units. */
export async function below({ scope, within, light }: Wanted): Promise<Choice[]> {
  switch (scope) {
    case "unit":
      return (await ask(api.GET("/api/member-units", {}))).units.map((u) => ({ id: u.id, name: u.name, street: "" }));
    case "compound": {
      const query = { county: within, limit: 5000, ...(light ? { light } : {}) };
      const got = await ask(api.GET("/api/programme/compounds", { params: { query } }));
      return got.compounds.map((c) => ({ id: c.compound, name: c.name, street: c.street }));
    }
    case "street":
      return (await placesOf(within, "street")).map((p) => ({ id: p.place, name: p.name, street: "" }));
    case "community": {
      const [streets, list] = await Promise.all([placesOf(within, "street"), placesOf(within, "community")]);
      const street = new Map(streets.map((s) => [s.place, s.name]));
      return list.map((p) => ({ id: p.place, name: p.name, street: street.get(p.parent ?? "") ?? "" }));
    }
    case "county":
      return [];
  }
}
