import { fetchOk } from "../api/client";
import { serverNow } from "../api/now";
import { clipName, hand } from "../export/clip";
import { leases } from "../look/door";
import { needPurpose } from "../session/purpose";
import { useSession } from "../session/session";
import { useAction } from "../shell/useAction";

/** One still picture of now, as a file. A look of its own: it is in the register like any other. */
export function useSnapshot() {
  const session = useSession();
  return useAction(async (camera: string, name: string) => {
    const stated = await needPurpose(session.roles);
    if (!stated) return;
    const lease = await leases.begin({
      camera,
      kind: "snapshot",
      stream: "main",
      ...stated,
      reason: stated.reason || undefined,
    });
    try {
      const picture = await (await fetchOk(lease.urls.snapshot ?? `/media/${lease.id}/snapshot.jpg`)).blob();
      const url = URL.createObjectURL(picture);
      hand(url, `${clipName(name, serverNow())}.jpg`);
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } finally {
      lease.leave();
    }
  });
}
