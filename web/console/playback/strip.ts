// Takes sound out of what the decoder gets. A browser refuses a whole file for one track that it cannot decode (G.711),
// and cameras that play in step are silent anyway.
import { boxes, find, fourcc, viewOf } from "./box";

const FREE = [0x66, 0x72, 0x65, 0x65];

/** A copy of the init bytes in which the tracks that are not kept have become free space. */
export function stripInit(
  bytes: Uint8Array,
  keep: (track: number, handler: string) => boolean,
): { init: Uint8Array; dropped: Set<number> } {
  const init = bytes.slice();
  const view = viewOf(init);
  const dropped = new Set<number>();
  const moov = find(view, 0, view.byteLength, "moov");
  if (!moov) return { init, dropped };
  for (const trak of boxes(view, moov.body, moov.end)) {
    if (trak.type !== "trak") continue;
    const tkhd = find(view, trak.body, trak.end, "tkhd");
    const hdlr = find(view, trak.body, trak.end, "mdia", "hdlr");
    if (!tkhd || !hdlr) continue;
    const id = view.getUint32(tkhd.body + (view.getUint8(tkhd.body) === 1 ? 20 : 12));
    if (keep(id, fourcc(view, hdlr.body + 8))) continue;
    dropped.add(id);
    init.set(FREE, trak.body - 4);
  }
  const mvex = find(view, moov.body, moov.end, "mvex");
  if (mvex) {
    for (const trex of boxes(view, mvex.body, mvex.end)) {
      if (trex.type === "trex" && dropped.has(view.getUint32(trex.body + 4))) init.set(FREE, trex.body - 4);
    }
  }
  return { init, dropped };
}

/** The fragment without the chunks (moof + mdat) of dropped tracks. A chunk holds one track. */
export function stripFragment(bytes: Uint8Array, dropped: ReadonlySet<number>): Uint8Array {
  if (dropped.size === 0) return bytes;
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [];
  let skip = false;
  let size = 0;
  let start = 0;
  for (const box of boxes(view, 0, view.byteLength)) {
    if (box.type === "moof") {
      const tfhd = find(view, box.body, box.end, "traf", "tfhd");
      skip = tfhd !== undefined && dropped.has(view.getUint32(tfhd.body + 4));
    }
    if (!skip) {
      parts.push(bytes.subarray(start, box.end));
      size += box.end - start;
    }
    if (box.type === "mdat") skip = false;
    start = box.end;
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
