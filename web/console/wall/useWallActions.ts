import { ElMessage } from "element-plus";
import { onUnmounted, ref } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { serverNow } from "../api/now";
import { saidBy } from "../api/problem";
import { useFullScreen } from "../shell/fullscreen";
import { clock, moment } from "../words/time";
import { markMoment } from "./mark";
import { type Marked, useMarked } from "./marked";
import type { useWall } from "./useWall";
import { useWallKeys } from "./useWallKeys";

/** What mouse and keyboard do on a wall, the same on the page and on the gatehouse screen. */
export function useWallActions(wall: ReturnType<typeof useWall>) {
  const { t } = useI18n();
  const router = useRouter();
  const full = useFullScreen();
  const marked = useMarked();
  const keysShown = ref(false);
  const now = ref(serverNow());
  const timer = setInterval(() => {
    now.value = serverNow();
  }, 1000);
  onUnmounted(() => clearInterval(timer));

  const open = (id: string) => void router.push(`/cameras/${id}`);

  const nameOf = (id: string) => wall.cameras.byId.get(id)?.name ?? "";

  async function mark(id: string): Promise<void> {
    try {
      const kept = await markMoment(id, t("wall.mark-reason"));
      const said = { name: nameOf(id), from: clock(kept.from), to: clock(kept.to), until: moment(kept.until) };
      marked(t("wall.marked", said), [{ id: kept.id, name: said.name }]);
    } catch (error) {
      ElMessage.error(saidBy(error) || t("wall.mark-failed"));
    }
  }

  /** Nothing is chosen: whoever presses the key in a hurry means what is on the screen. */
  async function markAll(): Promise<void> {
    const ids = wall.tiles.value.filter((id): id is string => id !== undefined);
    if (ids.length === 1) return mark(ids[0]!);
    const why = t("wall.mark-reason");
    const failed: string[] = [];
    const made: Marked[] = [];
    let until = "";
    await Promise.all(
      ids.map((id) =>
        markMoment(id, why).then(
          (kept) => {
            until = kept.until;
            made.push({ id: kept.id, name: nameOf(id) });
          },
          () => failed.push(nameOf(id)),
        ),
      ),
    );
    if (until) marked(t("wall.marked-all", { n: made.length, until: moment(until) }), made);
    if (failed.length) ElMessage.error(t("wall.marked-part", { n: failed.length, names: failed.join(", ") }));
  }

  useWallKeys({
    layout: () => wall.setting.value.layout,
    tiles: () => wall.tiles.value,
    selected: () => wall.selected.value,
    select: (id) => {
      wall.selected.value = id;
    },
    setLayout: wall.setLayout,
    turnPage: (by) => wall.setPage(wall.page.value + by),
    move: (from, to) => {
      wall.exchange(from, to);
      wall.selected.value = from;
    },
    open,
    fullScreen: () => void full.toggle(),
    mark: (id) => void (id ? mark(id) : markAll()),
    help: () => {
      keysShown.value = !keysShown.value;
    },
  });

  return { full, keysShown, now, open, mark };
}
