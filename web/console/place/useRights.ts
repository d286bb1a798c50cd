import { api, ask } from "../api/client";
import { useSession } from "../session/session";
import { useLoad } from "../shell/useLoad";

/** Which of some things the caller may do at a place: the server's answer, not a guess by the caller's role. */
export function useRights(place: () => string | undefined, of: string[], by: () => string | undefined = () => "") {
  const session = useSession();
  const { data } = useLoad(
    async () => {
      const id = place();
      const held = of.filter((p) => session.may(p)); // what is held nowhere need not be asked
      if (!id || held.length === 0) return [];
      const who = by();
      const query = { of: held, ...(who ? { by: who } : {}) };
      return (await ask(api.GET("/api/places/{id}/rights", { params: { path: { id }, query } }))).may;
    },
    { on: ["place.*", "appointment.*"], when: () => [place(), by()] },
  );
  /** A refusal, or no answer yet, offers nothing. */
  return (permission: string): boolean => (data.value ?? []).includes(permission);
}
