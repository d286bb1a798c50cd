import { reactive, ref } from "vue";
import { fetchOk } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { leases } from "../look/door";
import type { Lease } from "../look/lease";
import type { Span } from "../playback/timeline";
import { needPurpose, type Purpose } from "../session/purpose";
import { useSession } from "../session/session";
import { clipName, hand, saveClip } from "./clip";

export type ItemState = "waiting" | "asking" | "saving" | "done" | "empty" | "failed" | "cancelled";

export interface Item {
  camera: string;
  name: string;
  state: ItemState;
  done: number;
  total: number;
  files: number;
  file: number;
  problem: Problem | null;
}

interface FileList {
  files: { url: string; from: string; size: number }[] | null;
}

/** Exports cameras one after another: a hard disk reads one clip quicker than eight at once. */
export function useExport() {
  const session = useSession();
  const items = ref<Item[]>([]);
  const running = ref(false);
  let stop = new AbortController();

  async function run(
    cameras: { id: string; name: string; stream?: "main" | "sub" | null }[],
    span: Span,
  ): Promise<void> {
    const stated = await needPurpose(session.roles);
    if (!stated || running.value) return;
    stop = new AbortController();
    running.value = true;
    items.value = cameras.map((c) =>
      reactive({ camera: c.id, name: c.name, state: "waiting", done: 0, total: 0, files: 1, file: 0, problem: null }),
    );
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", guard);
    try {
      for (const [i, item] of items.value.entries()) {
        const { stream = "main" } = cameras[i]!;
        if (stop.signal.aborted) item.state = "cancelled";
        else if (!stream) item.state = "empty";
        else await one(item, stream, span, stated.purpose, stated.reason);
      }
    } finally {
      window.removeEventListener("beforeunload", guard);
      running.value = false;
    }
  }

  async function one(item: Item, stream: "main" | "sub", span: Span, purpose: Purpose, reason: string): Promise<void> {
    item.state = "asking";
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
      item.files = files.length;
      if (files.length === 0) {
        item.state = "empty";
        return;
      }
      item.state = "saving";
      for (const [i, file] of files.entries()) {
        item.file = i;
        item.done = 0;
        item.total = file.size;
        const name = `${clipName(item.name, Date.parse(file.from) || span.from, i)}.mp4`;
        await saveClip({ url: file.url, name, size: file.size }, (p) => Object.assign(item, p), stop.signal);
      }
      // The server hashes what it hands out, so the list of hashes comes last.
      const manifest = await (
        await fetchOk(lease.urls.manifest ?? `${base}/manifest.json`, { signal: stop.signal })
      ).blob();
      const manifestUrl = URL.createObjectURL(manifest);
      hand(manifestUrl, `${clipName(item.name, span.from)}-manifest.json`);
      setTimeout(() => URL.revokeObjectURL(manifestUrl), 60_000);
      item.state = "done";
    } catch (error) {
      if (stop.signal.aborted || (error instanceof DOMException && error.name === "AbortError")) {
        item.state = "cancelled";
      } else {
        const problem = asProblem(error);
        item.state = problem.code.endsWith("no-footage") ? "empty" : "failed";
        if (item.state === "failed") item.problem = problem;
      }
    } finally {
      // A download that the browser does by itself still needs the lease: it ends by idleness.
      if (item.state !== "done" || item.done > 0) lease?.leave();
    }
  }

  return { items, running, run, cancel: () => stop.abort() };
}
