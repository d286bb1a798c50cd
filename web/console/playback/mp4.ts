import { type Box, boxes, find, fourcc, u64, viewOf } from "./box";

// Just enough of ISO BMFF to know when each frame of a fragment is shown. Everything else is the decoder's business.
export interface InitInfo {
  /** Per track: ticks per second and the decode time that the edit list maps to zero. */
  tracks: Map<number, { timescale: number; start: number; video: boolean }>;
}

export interface FragmentInfo {
  /** Presentation time of the first video frame, in seconds of the file's own time. */
  start: number;
  /** Presentation times of all video frames, sorted, in the same seconds. */
  frames: number[];
  duration: number;
}

export function readInit(bytes: Uint8Array): InitInfo {
  const view = viewOf(bytes);
  const tracks: InitInfo["tracks"] = new Map();
  const moov = find(view, 0, view.byteLength, "moov");
  if (!moov) throw new Error("no moov");
  for (const trak of boxes(view, moov.body, moov.end)) {
    if (trak.type !== "trak") continue;
    const tkhd = find(view, trak.body, trak.end, "tkhd");
    const mdhd = find(view, trak.body, trak.end, "mdia", "mdhd");
    const hdlr = find(view, trak.body, trak.end, "mdia", "hdlr");
    if (!tkhd || !mdhd || !hdlr) continue;
    const id = view.getUint32(tkhd.body + (view.getUint8(tkhd.body) === 1 ? 20 : 12));
    const timescale = view.getUint32(mdhd.body + (view.getUint8(mdhd.body) === 1 ? 20 : 12));
    tracks.set(id, { timescale, start: editStart(view, trak), video: fourcc(view, hdlr.body + 8) === "vide" });
  }
  return { tracks };
}

function editStart(view: DataView, trak: Box): number {
  const elst = find(view, trak.body, trak.end, "edts", "elst");
  if (!elst) return 0;
  const wide = view.getUint8(elst.body) === 1;
  const count = view.getUint32(elst.body + 4);
  let at = elst.body + 8;
  for (let i = 0; i < count && at + (wide ? 20 : 12) <= elst.end; i++, at += wide ? 20 : 12) {
    const empty = wide ? view.getInt32(at + 8) < 0 : view.getInt32(at + 4) < 0;
    if (!empty) return wide ? u64(view, at + 8) : view.getUint32(at + 4);
  }
  return 0;
}

export function readFragment(bytes: Uint8Array, init: InitInfo): FragmentInfo | undefined {
  const view = viewOf(bytes);
  const times: number[] = [];
  let duration = 0;
  for (const moof of boxes(view, 0, view.byteLength)) {
    if (moof.type !== "moof") continue;
    for (const traf of boxes(view, moof.body, moof.end)) {
      if (traf.type === "traf") duration += readTraf(view, traf, init, times);
    }
  }
  if (times.length === 0) return undefined;
  times.sort((a, b) => a - b);
  return { start: times[0]!, frames: times, duration };
}

/** Adds the presentation times of one traf when it is of a video track; returns its duration in seconds. */
function readTraf(view: DataView, traf: Box, init: InitInfo, times: number[]): number {
  const tfhd = find(view, traf.body, traf.end, "tfhd");
  const tfdt = find(view, traf.body, traf.end, "tfdt");
  if (!tfhd || !tfdt) return 0;
  const track = init.tracks.get(view.getUint32(tfhd.body + 4));
  if (!track?.video) return 0;
  const usual = defaultDuration(view, tfhd);
  let decode = view.getUint8(tfdt.body) === 1 ? u64(view, tfdt.body + 4) : view.getUint32(tfdt.body + 4);
  const first = decode;
  for (const trun of boxes(view, traf.body, traf.end)) {
    if (trun.type !== "trun") continue;
    const signed = view.getUint8(trun.body) > 0;
    const flags = view.getUint32(trun.body) & 0xffffff;
    const count = view.getUint32(trun.body + 4);
    let at = trun.body + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
    const each = (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
    for (let i = 0; i < count && at + each <= trun.end; i++) {
      let p = at;
      const length = flags & 0x100 ? view.getUint32(p) : usual;
      p += (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0);
      const shift = flags & 0x800 ? (signed ? view.getInt32(p) : view.getUint32(p)) : 0;
      times.push((decode + shift - track.start) / track.timescale);
      decode += length;
      at += each;
    }
  }
  return (decode - first) / track.timescale;
}

function defaultDuration(view: DataView, tfhd: Box): number {
  const flags = view.getUint32(tfhd.body) & 0xffffff;
  if (!(flags & 0x8)) return 0;
  return view.getUint32(tfhd.body + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}
