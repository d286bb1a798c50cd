import { onMounted, onUnmounted } from "vue";
import { type Arrow, LAYOUTS, type Layout, neighbour } from "./layout";

export interface WallActions {
  layout(): Layout;
  tiles(): (string | undefined)[];
  selected(): string | null;
  select(id: string): void;
  setLayout(layout: Layout): void;
  turnPage(by: number): void;
  move(from: string, to: string): void;
  open(id: string): void;
  fullScreen(): void;
  /** null: no picture is chosen. */
  mark(id: string | null): void;
  help(): void;
}

const ARROWS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** A guard's hand stays on the keyboard. Returns what a key did, so that tests can press keys. */
export function pressed(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">,
  wall: WallActions,
): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const tiles = wall.tiles();
  const at = Math.max(0, tiles.indexOf(wall.selected() ?? ""));
  const id = tiles[at];
  if (ARROWS.has(event.key)) {
    const to = tiles[neighbour(wall.layout(), at, event.key as Arrow)];
    if (!to) return true;
    // Shift carries the picture along: arranging without a mouse.
    if (event.shiftKey && id) wall.move(id, to);
    else wall.select(to);
    return true;
  }
  const layout = LAYOUTS[Number(event.key) - 1];
  if (layout) {
    wall.setLayout(layout);
    return true;
  }
  switch (event.key) {
    case "PageDown":
      wall.turnPage(1);
      return true;
    case "PageUp":
      wall.turnPage(-1);
      return true;
    case "f":
    case "F":
      wall.fullScreen();
      return true;
    case "m":
    case "M":
      wall.mark(tiles.includes(wall.selected() ?? "") ? wall.selected() : null);
      return true;
    case "Enter":
      if (id) wall.open(id);
      return true;
    case "?":
      wall.help();
      return true;
  }
  return false;
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Nobody types, and no dialog waits for an answer: the key is the page's. */
export const keyIsFree = (event: Pick<KeyboardEvent, "target">): boolean =>
  !typing(event.target) && !document.querySelector(".el-overlay:not([style*='display: none'])");

export function useWallKeys(wall: WallActions): void {
  const onKey = (event: KeyboardEvent) => {
    if (!keyIsFree(event)) return;
    // Enter on a button is that button's.
    if (
      event.key === "Enter" &&
      event.target instanceof HTMLElement &&
      event.target.closest("button, a, [role=dialog]")
    )
      return;
    if (pressed(event, wall)) event.preventDefault();
  };
  // A button that the mouse has pressed gives the keyboard back: otherwise the next Enter would press it again.
  const onClick = (event: MouseEvent) => {
    const at = event.target instanceof Element && !event.target.closest("[role=dialog]") ? event.target : null;
    const button = at?.closest<HTMLElement>("button:not([aria-haspopup])");
    if (event.detail > 0 && button === document.activeElement) button?.blur();
  };
  onMounted(() => {
    window.addEventListener("keydown", onKey);
    window.addEventListener("click", onClick);
  });
  onUnmounted(() => {
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("click", onClick);
  });
}
