// Saves a clip. Bytes go straight from the server's segments into the file; small ones with our own progress and cancel,
// large ones to disk, through the file picker where the browser has it, else by its own download.
import { fetchOk } from "../api/client";
import { wall } from "../words/zone";

export interface ClipFile {
  url: string;
  name: string;
  size: number;
}

export interface Progress {
  done: number;
  total: number;
}

const IN_MEMORY = 400e6;

interface SavePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<{
    createWritable(): Promise<{ write(b: Uint8Array): Promise<void>; close(): Promise<void>; abort(): Promise<void> }>;
  }>;
}

/** How a file of this size leaves the browser. */
export function wayOut(size: number, picker: boolean): "memory" | "picker" | "browser" {
  if (size > 0 && size <= IN_MEMORY) return "memory";
  return picker ? "picker" : "browser";
}

/** "saved": all of it is in the file. "handed": the browser's own download has begun, and we learn no more of it. */
export type Saved = "saved" | "handed";

export async function saveClip(file: ClipFile, onProgress: (p: Progress) => void, signal: AbortSignal): Promise<Saved> {
  const picker = (window as SavePicker).showSaveFilePicker;
  const way = wayOut(file.size, picker !== undefined);
  if (way === "browser") {
    hand(file.url, file.name);
    return "handed";
  }
  const target = way === "picker" ? await (await picker!({ suggestedName: file.name })).createWritable() : undefined;
  const parts: Uint8Array[] = [];
  try {
    const reply = await fetchOk(file.url, { signal });
    const total = Number(reply.headers.get("Content-Length")) || file.size;
    const reader = reply.body!.getReader();
    let done = 0;
    for (;;) {
      const chunk = await reader.read();
      if (chunk.done) break;
      done += chunk.value.length;
      if (target) await target.write(chunk.value);
      else parts.push(chunk.value);
      onProgress({ done, total });
    }
    await target?.close();
  } catch (error) {
    await target?.abort().catch(() => {});
    throw error;
  }
  if (!target) {
    const url = URL.createObjectURL(new Blob(parts as BlobPart[], { type: "video/mp4" }));
    hand(url, file.name);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
  return "saved";
}

/** Gives a file to the browser's own download. */
export function hand(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

/** A file name that says what it is, on every file system. */
export function clipName(camera: string, from: number, part = 0): string {
  const time = wall(from).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const name = camera.replace(/[\\/:*?"<>|\s]+/g, "_").slice(0, 40);
  return `${name}-${time}${part > 0 ? `-${part + 1}` : ""}`;
}
