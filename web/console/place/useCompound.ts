import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { NEWS } from "../programme/news";
import { useAsOf } from "../programme/useAsOf";
import { useLoad } from "../shell/useLoad";
import { type Line, merged, since } from "./history";

export type Channel = components["schemas"]["ChannelView"];
export type Pairing = components["schemas"]["PairingView"];
export type Place = components["schemas"]["Version"];
export type Area = components["schemas"]["Area"];
export type Asset = components["schemas"]["Asset"];

/** What every room knows of one compound, as of the day of the page. */
export function useCompound(id: () => string) {
  const { at, known, query } = useAsOf();
  const options = { on: NEWS, when: () => [at.value, id()] };
  const params = () => ({ params: { path: { id: id() }, query: query.value } });
  const record = useLoad(() => ask(api.GET("/api/compounds/{id}", params())), options);
  const standing = useLoad(() => ask(api.GET("/api/programme/compounds/{id}", params())), options);
  const channels = useLoad(
    async () => (await ask(api.GET("/api/compounds/{id}/channels", params()))).channels ?? [],
    options,
  );
  const help = useLoad(
    async () =>
      (await ask(api.GET("/api/pairings", { params: { query: { ...query.value, compound: id() } } }))).pairings ?? [],
    options,
  );
  async function lines(
    query: { at?: string; known?: string },
    pick: (...of: Parameters<typeof since>) => Line[],
  ): Promise<Line[]> {
    const path = { id: id() };
    const [said, named] = await Promise.all([
      ask(api.GET("/api/programme/compounds/{id}/history", { params: { path, query } })),
      ask(api.GET("/api/places/{id}/versions", { params: { path } })),
    ]);
    const names = { ...named.names, ...said.names };
    return pick(said.history ?? [], named.versions ?? [], query.at ?? "").map((l) => ({
      ...l,
      by: l.by ? names[l.by] || l.by : undefined,
    }));
  }
  const history = useLoad(
    () => lines(query.value, (said, named, day) => merged(said, named, day, Boolean(known.value))),
    options,
  );
  /** Of a past day as it was known then: what was put right or entered about it since. */
  const corrections = useLoad(
    async () => (at.value && !known.value ? lines({ at: at.value, known: "now" }, since) : []),
    options,
  );
  return { record, standing, channels, help, history, corrections };
}
