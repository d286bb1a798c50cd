import { onMounted, onUnmounted } from "vue";
import { onBeforeRouteLeave } from "vue-router";
import { useSession } from "../session/session";
import { words } from "../words";
import { sure } from "./sure";

/** Asks before a page is left on which something was typed and not saved. Who is signed out meanwhile is not asked: there is nowhere to stay. */
export function useUnsaved(dirty: () => boolean): void {
  const session = useSession();
  onBeforeRouteLeave(async () => {
    if (!dirty() || !session.signedIn) return true;
    return sure(words.global.t("shell.unsaved"), words.global.t("shell.leave"));
  });
  const before = (event: BeforeUnloadEvent) => {
    if (!dirty()) return;
    event.preventDefault();
    event.returnValue = ""; // browsers of before 2023 ask only then
  };
  onMounted(() => window.addEventListener("beforeunload", before));
  onUnmounted(() => window.removeEventListener("beforeunload", before));
}
