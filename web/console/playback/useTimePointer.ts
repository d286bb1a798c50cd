import { type Ref, ref } from "vue";
import { SCALE } from "./draw";
import { notBeyond, pan, type Span, timeAt, type View, wheelFactor, xOf, zoom } from "./timeline";

export interface Bar {
  view: Ref<View>;
  width: Ref<number>;
  /** The playing moment, now, and what is selected; undefined while nothing is being selected. */
  at(): number;
  now(): number;
  selection(): Span | undefined;
  seek(t: number): void;
  scrub(t: number | undefined): void;
  select(span: Span): void;
}

/** Less than this is a click. */
const STILL = 3;
const NEAR = 10;

/**
 * Mouse, pen and finger on the time bar: the scale drags time along, a row scrubs, a click goes there, the wheel zooms.
 * Two fingers pinch.
 */
export function useTimePointer(bar: Bar) {
  const pointer = ref<{ t: number; y: number }>();
  let mode: "pan" | "scrub" | "select" | null = null;
  let moved = false;
  let startX = 0;
  let startView: View = bar.view.value;
  let anchor = 0;
  const fingers = new Map<number, number>();

  const place = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const timeOf = (x: number) => Math.min(timeAt(bar.view.value, bar.width.value, x), bar.now());
  const show = (view: View) => {
    bar.view.value = notBeyond(view, bar.now());
  };

  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = place(event);
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, x);
    if (fingers.size === 2) return pinchBegins();
    moved = false;
    startX = x;
    startView = bar.view.value;
    const near = (t: number) => Math.abs(x - xOf(bar.view.value, bar.width.value, t)) < NEAR;
    const chosen = bar.selection();
    if (chosen) {
      mode = "select";
      anchor = near(chosen.from) ? chosen.to : near(chosen.to) ? chosen.from : timeOf(x);
    } else {
      mode = y < SCALE && !near(bar.at()) ? "pan" : "scrub";
    }
  }

  function move(event: PointerEvent): void {
    const { x, y } = place(event);
    pointer.value = { t: timeAt(bar.view.value, bar.width.value, x), y };
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, x);
    if (fingers.size === 2) return pinch();
    if (!moved && Math.abs(x - startX) <= STILL) return;
    moved = mode !== null;
    if (mode === "pan") show(pan(startView, bar.width.value, x - startX));
    else if (mode === "scrub") bar.scrub(timeOf(x));
    else if (mode === "select") {
      const to = timeOf(x);
      bar.select({ from: Math.min(anchor, to), to: Math.max(anchor, to) });
    }
  }

  function up(event: PointerEvent): void {
    fingers.delete(event.pointerId);
    const { x } = place(event);
    if (mode === "scrub" || (mode !== null && !moved)) bar.seek(timeOf(x));
    cancel();
  }

  function cancel(event?: PointerEvent): void {
    if (event) fingers.delete(event.pointerId);
    if (mode === "scrub" && moved) bar.scrub(undefined);
    mode = null;
  }

  function leave(): void {
    pointer.value = undefined;
  }

  let apart = 0;
  function pinchBegins(): void {
    cancel();
    const [a, b] = [...fingers.values()];
    apart = Math.max(20, Math.abs(a! - b!));
    startView = bar.view.value;
  }
  function pinch(): void {
    const [a, b] = [...fingers.values()];
    show(zoom(startView, bar.width.value, (a! + b!) / 2, apart / Math.max(20, Math.abs(a! - b!))));
  }

  function wheel(event: WheelEvent): void {
    const { x } = place(event);
    const { value: view } = bar.view;
    const { value: width } = bar.width;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      show(pan(view, width, -(event.deltaX || event.deltaY)));
    else show(zoom(view, width, x, wheelFactor(event)));
  }

  return { pointer, down, move, up, cancel, leave, wheel };
}
