import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { NEWS } from "../programme/news";
import { useAsOf } from "../programme/useAsOf";
import { useLoad } from "../shell/useLoad";
import { type Line, merged } from "./history";

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
  const history = useLoad(async (): Promise<Line[]> => {
    const [said, named] = await Promise.all([
      ask(api.GET("/api/programme/compounds/{id}/history", params())),
      ask(api.GET("/api/places/{id}/versions", { params: { path: { id: id() } } })),
    ]);
    const names = { ...named.names, ...said.names };
    return merged(said.history ?? [], named.versions ?? [], known.value ? "" : at.value).map((l) => ({
      ...l,
      by: l.by ? names[l.by] || l.by : undefined,
    }));
  }, options);
  return { record, standing, channels, help, history };
}
