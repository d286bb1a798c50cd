// The door of this page: the leases it holds, and how they reach the server.
import { api, ask } from "../api/client";
import { journal } from "../api/events";
import { type Door, type LeaseReply, Leases } from "./lease";

const door: Door = {
  async begin(request) {
    return ask<LeaseReply>(api.POST("/api/looks", { body: request }));
  },
  async beat(lease, speed) {
    await ask(
      api.POST("/api/looks/{lease}/beat", { params: { path: { lease } }, body: speed === undefined ? {} : { speed } }),
    );
  },
  end(lease) {
    // keepalive: it still goes out while the page is being closed.
    void fetch(`/api/looks/${encodeURIComponent(lease)}`, {
      method: "DELETE",
      keepalive: true,
      credentials: "same-origin",
    }).catch(() => {});
  },
};

export const leases = new Leases(door);

journal.on("look.ended", (event) => {
  const data = (event.data ?? {}) as { why?: string };
  leases.ended(event.subject, data.why ?? "ended");
});

/** Ends every look when the page is left. */
export function leaveWithThePage(): () => void {
  const leave = () => leases.leaveAll();
  // A page that comes back from the browser's cache has no leases any more: it starts anew.
  const back = (event: PageTransitionEvent) => event.persisted && location.reload();
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", back);
  return () => {
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", back);
  };
}
