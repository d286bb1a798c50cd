// What an H.265 stream says of itself: the codec string of its init, and whether a fragment begins with a picture that can be
// decoded by itself.
import { type Box, boxes, find, viewOf } from "./box";

/** Where the boxes of a visual sample entry begin: behind its 78 bytes of width, height and what nobody reads. */
const ENTRY = 78;

/** As RFC 6381 and ISO/IEC 14496-15 annex E spell it, and the index of the footage too: "hvc1.1.6.L93.90"; "" for another codec. */
export function h265Of(init: Uint8Array): string {
  const view = viewOf(init);
  const moov = find(view, 0, view.byteLength, "moov");
  if (!moov) return "";
  for (const trak of boxes(view, moov.body, moov.end)) {
    if (trak.type !== "trak") continue;
    const stsd = find(view, trak.body, trak.end, "mdia", "minf", "stbl", "stsd");
    if (!stsd) continue;
    for (const entry of boxes(view, stsd.body + 8, stsd.end)) {
      if (entry.type !== "hvc1" && entry.type !== "hev1") continue;
      const config = find(view, entry.body + ENTRY, entry.end, "hvcC");
      if (config && config.end - config.body > 12) return spelled(view, entry.type, config);
    }
  }
  return "";
}

function spelled(view: DataView, type: string, { body }: Box): string {
  const byte = (i: number) => view.getUint8(body + i);
  const hex = (n: number) => n.toString(16).toUpperCase();
  let compatible = 0;
  for (let i = 0; i < 32; i++) if (view.getUint32(body + 2) & (1 << i)) compatible += 2 ** (31 - i);
  const parts = [
    type,
    `${["", "A", "B", "C"][byte(1) >> 6]}${byte(1) & 0x1f}`,
    hex(compatible),
    `${byte(1) & 0x20 ? "H" : "L"}${byte(12)}`,
  ];
  let last = 11;
  while (last >= 6 && byte(last) === 0) last--;
  for (let i = 6; i <= last; i++) parts.push(hex(byte(i)));
  return parts.join(".");
}

/** Whether the first picture of a fragment needs no other: its NAL unit is of a random access point (H.265 table 7-1). */
export function beginsWithKey(fragment: Uint8Array): boolean {
  const view = viewOf(fragment);
  for (const box of boxes(view, 0, view.byteLength)) {
    if (box.type !== "mdat") continue;
    for (let at = box.body; at + 5 <= box.end; at += 4 + view.getUint32(at)) {
      const type = (view.getUint8(at + 4) >> 1) & 0x3f;
      if (type < 32) return type >= 16 && type <= 23; // the others are parameter sets and remarks
    }
    return false;
  }
  return false;
}
