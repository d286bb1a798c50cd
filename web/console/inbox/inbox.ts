import { api, ask } from "../api/client";
import type { components } from "../api/schema";
import { useSession } from "../session/session";
import { useLoad } from "../shell/useLoad";

export type Group = components["schemas"]["Group"];
export type Item = components["schemas"]["InboxItem"];

/** What in the journal may change what waits for somebody. */
const NEWS = [
  "supervision.*",
  "return.*",
  "request.*",
  "bulletin.*",
  "campaign.*",
  "inspection.*",
  "appointment.*",
  "form.*",
  "rule.*",
];
/** A day turns without an event: what was not near due yesterday may be so today. */
const EVERY = 300_000;

/** What waits for whoever sits here, kept true by the journal. */
export function useInbox() {
  const session = useSession();
  return useLoad(async () => (session.offices.length > 0 ? ask(api.GET("/api/inbox", {})) : null), {
    on: NEWS,
    when: () => session.me?.account,
    every: EVERY,
  });
}
