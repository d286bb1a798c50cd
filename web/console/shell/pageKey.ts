import type { RouteLocationNormalizedLoaded } from "vue-router";

/**
 * Pages with one key are one page that stays and follows the address; with another key it begins anew. A past day with what was
 * put right since is another page than that day as it was known; where the route says so, each record is a page of its own, so that
 * nothing of the last one stands under the name of the next.
 */
export function pageKey(route: Pick<RouteLocationNormalizedLoaded, "path" | "query" | "meta">): string {
  return `${route.query.known === "now" ? "now" : ""} ${route.meta.record ? route.path : ""}`;
}
