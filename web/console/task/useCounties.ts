import { api, ask } from "../api/client";
import { useLoad } from "../shell/useLoad";

/** The counties of the city, by code. */
export function useCounties() {
  return useLoad(async () => {
    const got = await ask(api.GET("/api/places", { params: { query: { level: "county" } } }));
    return got.places.map((p) => ({ id: p.place, name: p.name }));
  });
}
