import { reactive, ref } from "vue";
import { fetchOk } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { leases } from "../look/door";
import type { Lease } from "../look/lease";
import type { Span } from "../playback/timeline";
import { needPurpose, type Purpose } from "../session/purpose";
import { useSession } from "../session/session";
import { clipName, hand, type Saved, saveClip } from "./clip";

/** handed: the browser's own download does it, and shows how far it is. cut: its permission ended before its end. */
export type ItemState = "waiting" | "asking" | "saving" | "done" | "handed" | "cut" | "empty" | "failed" | "cancelled";

export interface Item extends Wanted {
  state: ItemState;
  done: number;
  total: number;
  files: number;
  file: number;
  problem: Problem | null;
}

/** One camera and stream, and the parts of it that are wanted. */
export interface Wanted {
  camera: string;
  name: string;
  stream: "main" | "sub" | null;
  spans: Span[];
}

/** Between files that are handed over: a browser drops what comes all at once. */
const PAUSE = 1000;

interface FileList {
  files: { url: string; from: string; size: number }[] | null;
}

/** Exports cameras one after another: a hard disk reads one clip quicker than eight at once. */
export function useExport() {
  const session = useSession();
  const items = ref<Item[]>([]);
  const running = ref(false);
  let stop = new AbortController();

  async function run(wanted: Wanted[]): Promise<void> {
    const stated = await needPurpose(session.roles);
    if (!stated || running.value) return;
    stop = new AbortController();
    running.value = true;
    items.value = wanted.map((w) =>
      reactive({ ...w, state: "waiting", done: 0, total: 0, files: 1, file: 0, problem: null }),
    );
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", guard);
    try {
      for (const item of items.value) {
        if (stop.signal.aborted) item.state = "cancelled";
        else if (!item.stream) item.state = "empty";
        else await one(item, item.stream, stated.purpose, stated.reason);
      }
    } finally {
      window.removeEventListener("beforeunload", guard);
      running.value = false;
    }
  }

  /** Each part is a look of its own: its span is what the register shows. */
  async function one(item: Item, stream: "main" | "sub", purpose: Purpose, reason: string): Promise<void> {
    item.state = "asking";
    const ways = new Set<Saved>();
    try {
      for (const span of item.spans) for (const way of await part(item, stream, span, purpose, reason)) ways.add(way);
      if ((item.state as ItemState) !== "cut")
        item.state = ways.has("handed") ? "handed" : ways.size > 0 ? "done" : "empty";
    } catch (error) {
      if (stop.signal.aborted || (error instanceof DOMException && error.name === "AbortError")) {
        item.state = "cancelled";
      } else {
        item.state = "failed";
        item.problem = asProblem(error);
      }
    }
  }

  async function part(
    item: Item,
    stream: "main" | "sub",
    span: Span,
    purpose: Purpose,
    reason: string,
  ): Promise<Set<Saved>> {
    const ways = new Set<Saved>();
    let lease: Lease | undefined;
    try {
      lease = await leases.begin({
        camera: item.camera,
        kind: "export",
        stream,
        purpose,
        reason: reason || undefined,
        from: new Date(span.from).toISOString(),
        to: new Date(span.to).toISOString(),
      });
      lease.keepAlive();
      const base = `/media/${lease.id}`;
      const list = (await (
        await fetchOk(lease.urls.files ?? `${base}/export.json`, { signal: stop.signal })
      ).json()) as FileList;
      const files = list.files ?? [];
      if (files.length === 0) return ways;
      item.files = files.length;
      item.state = "saving";
      const name = stream === "sub" ? `${item.name}-sub` : item.name;
      // Its hashes are of what was recorded, so it can come first: when files are handed over, nothing is left to do here.
      const manifest = await (
        await fetchOk(lease.urls.manifest ?? `${base}/manifest.json`, { signal: stop.signal })
      ).blob();
      for (const [i, file] of files.entries()) {
        item.file = i;
        item.done = 0;
        item.total = file.size;
        if (ways.has("handed")) await new Promise((next) => setTimeout(next, PAUSE));
        if (stop.signal.aborted) throw new DOMException("cancelled", "AbortError");
        const to = `${clipName(name, Date.parse(file.from) || span.from, i)}.mp4`;
        const way = await saveClip(
          { url: file.url, name: to, size: file.size },
          (p) => Object.assign(item, p),
          stop.signal,
        );
        ways.add(way);
        if (way === "handed") handedOver(lease, item);
      }
      const manifestUrl = URL.createObjectURL(manifest);
      hand(manifestUrl, `${clipName(name, Date.parse(files[0]!.from) || span.from)}-manifest.json`);
      setTimeout(() => URL.revokeObjectURL(manifestUrl), 60_000);
      return ways;
    } catch (error) {
      if (asProblem(error).code.endsWith("no-footage")) return ways;
      throw error;
    } finally {
      // To leave would cut what the browser is still fetching.
      if (!ways.has("handed")) lease?.leave();
    }
  }

  function handedOver(lease: Lease, item: Item): void {
    if (lease.handedOver) return;
    lease.handOver();
    // Idle means that the last byte is long gone. Any other end came too early.
    lease.onEnd((why) => {
      if (why !== "idle" && why !== "left") item.state = "cut";
    });
  }

  return { items, running, run, cancel: () => stop.abort() };
}
