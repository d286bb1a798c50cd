import { ElMessage } from "element-plus";
import { onUnmounted, ref } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { asProblem } from "../api/problem";
import { useFullScreen } from "../shell/fullscreen";
import { clock, moment } from "../words/time";
import { markMoment } from "./mark";
import type { useWall } from "./useWall";
import { useWallKeys } from "./useWallKeys";

/** What mouse and keyboard do on a wall, the same on the page and on the gatehouse screen. */
export function useWallActions(wall: ReturnType<typeof useWall>, element: () => HTMLElement | null | undefined) {
  const { t } = useI18n();
  const router = useRouter();
  const full = useFullScreen(element);
  const keysShown = ref(false);
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, 1000);
  onUnmounted(() => clearInterval(timer));

  const open = (id: string) => void router.push(`/cameras/${id}`);

  async function mark(id: string): Promise<void> {
    const name = wall.cameras.byId.get(id)?.name ?? "";
    try {
      const kept = await markMoment(id, t("wall.mark-reason", { at: moment(Date.now()) }));
      ElMessage.success(
        t("wall.marked", { name, from: clock(kept.from), to: clock(kept.to), until: moment(kept.until) }),
      );
    } catch (error) {
      ElMessage.error(asProblem(error).message || t("wall.mark-failed"));
    }
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
    mark: (id) => void mark(id),
    help: () => {
      keysShown.value = !keysShown.value;
    },
  });

  return { full, keysShown, now, open, mark };
}
