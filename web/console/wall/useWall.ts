import { computed, onUnmounted, ref, watch } from "vue";
import { useCameras } from "../camera/cameras";
import { preferenceWriter, readPreference } from "../session/preference";
import { isLayout, type Layout, pages, readSetting, reconcile, shown, swap, usual, type WallSetting } from "./layout";

/** The wall of this person: which layout, in which order, and which page of it. */
export function useWall(fixed?: { layout?: string; page?: number }) {
  const cameras = useCameras();
  const stop = cameras.use();
  onUnmounted(stop);
  const setting = ref<WallSetting>(readSetting(null));
  const ready = ref(false);
  const selected = ref<string | null>(null);
  const write = preferenceWriter("wall");

  void readPreference("wall").then((kept) => {
    setting.value = readSetting(kept);
    if (isLayout(fixed?.layout)) Object.assign(setting.value, { layout: fixed.layout, chosen: true });
    if (fixed?.page !== undefined) setting.value.page = fixed.page;
    ready.value = true;
  });

  const ids = computed(() => cameras.all.filter((c) => !c.disabled).map((c) => c.id));
  const order = computed(() => reconcile(setting.value.order, ids.value));
  const tiles = computed(() => shown({ ...setting.value, order: order.value }));
  const pageCount = computed(() => pages(setting.value.layout, order.value.length));
  const page = computed(() => Math.min(setting.value.page, pageCount.value - 1));

  // A fifth camera must not hide on a second page that nobody knows of.
  watch([ready, () => ids.value.length], ([now, n]) => {
    if (now && !setting.value.chosen && cameras.loaded) setting.value.layout = usual(n);
  });

  function change(next: Partial<WallSetting>): void {
    setting.value = { ...setting.value, order: order.value, ...next };
    if (!fixed) write(setting.value);
  }

  /** Changes the layout so that the selected camera stays in view. */
  function setLayout(layout: Layout): void {
    const at = selected.value ? order.value.indexOf(selected.value) : -1;
    change({ layout, page: 0, chosen: true });
    if (at >= 0) change({ page: Math.floor(at / tiles.value.length) });
  }

  function setPage(to: number): void {
    const n = pageCount.value;
    change({ page: ((to % n) + n) % n });
  }

  function exchange(from: string, to: string): void {
    change({ order: swap(order.value, from, to) });
  }

  watch(tiles, (now) => {
    if (selected.value && !now.includes(selected.value)) selected.value = now.find(Boolean) ?? null;
  });

  return { cameras, setting, ready, selected, tiles, order, page, pageCount, setLayout, setPage, exchange };
}
