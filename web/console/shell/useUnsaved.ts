import { onMounted, onUnmounted } from "vue";
import { onBeforeRouteLeave, onBeforeRouteUpdate, type RouteLocationNormalized } from "vue-router";
import { useSession } from "../session/session";
import { pageKey } from "./pageKey";
import { leave } from "./sure";

/** Asks before a page is left on which something was typed and not saved. Who is signed out meanwhile is not asked: there is nowhere to stay. */
export function useUnsaved(dirty: () => boolean): void {
  const session = useSession();
  const may = async () => !dirty() || !session.signedIn || leave();
  onBeforeRouteLeave(may);
  // Another record of the same page, another part of it, or the page begun anew; a filter in the address leaves what is typed where it is.
  onBeforeRouteUpdate(
    (to: RouteLocationNormalized, from: RouteLocationNormalized) =>
      (to.path === from.path && pageKey(to) === pageKey(from)) || may(),
  );
  const before = (event: BeforeUnloadEvent) => {
    if (!dirty()) return;
    event.preventDefault();
    event.returnValue = ""; // browsers of before 2023 ask only then
  };
  onMounted(() => window.addEventListener("beforeunload", before));
  onUnmounted(() => window.removeEventListener("beforeunload", before));
}
