import { api, ask } from "../api/client";
import { useLoad } from "../shell/useLoad";
import { NEWS } from "./news";
import { useAsOf } from "./useAsOf";

/** The city of the day that the page is about, kept true by the journal. */
export function useCity() {
  const { at, query } = useAsOf();
  const city = useLoad(() => ask(api.GET("/api/programme/city", { params: { query: query.value } })), {
    on: NEWS,
    when: () => at.value,
  });
  const deadlines = useLoad(
    async () => (await ask(api.GET("/api/programme/deadlines", { params: { query: query.value } }))).deadlines ?? [],
    {
      on: NEWS,
      when: () => at.value,
    },
  );
  return { city, deadlines };
}
