import { api, ask } from "../api/client";
import { begin, taken } from "../api/early";
import { useSession } from "../session/session";
import { useLoad } from "../shell/useLoad";
import { useLayout } from "./layout";
import { NEWS } from "./news";
import { useProgramme } from "./programme";
import { useAsOf } from "./useAsOf";

type Query = { at?: string; known?: string };
const readCity = (query: Query) => ask(api.GET("/api/programme/city", { params: { query } }));
const readDeadlines = async (query: Query) =>
  (await ask(api.GET("/api/programme/deadlines", { params: { query } }))).deadlines ?? [];
/** Counties in their outlines: answered once, and not of a day. */
export const readOutlines = async () => (await ask(api.GET("/api/outlines", {}))).outlines ?? [];
const key = (what: string, query: Query) => `${what} ${query.at ?? ""} ${query.known ?? ""}`;

/** Asks for the city while the page's code is still on its way. */
export function beginCity(query: Query): void {
  useProgramme().use();
  useLayout().use();
  begin(key("city", query), () => readCity(query));
  begin(key("deadlines", query), () => readDeadlines(query));
  if (useSession().may("place.read")) begin("outlines", readOutlines);
}

/** The city of the day that the page is about, kept true by the journal; every so many milliseconds in any case, where nobody sits who could ask again. */
export function useCity(every = 0) {
  const { at, query } = useAsOf();
  const city = useLoad(() => taken(key("city", query.value), () => readCity(query.value)), {
    on: NEWS,
    when: () => at.value,
    every,
  });
  const deadlines = useLoad(() => taken(key("deadlines", query.value), () => readDeadlines(query.value)), {
    on: NEWS,
    when: () => at.value,
    every,
  });
  return { city, deadlines };
}
