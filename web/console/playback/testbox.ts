// For tests: a tiny writer of boxes, so that they say in plain numbers what a file holds.
export const u32 = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
export const u64 = (n: number) => [...u32(Math.floor(n / 2 ** 32)), ...u32(n >>> 0)];
export const text = (s: string) => [...s].map((c) => c.charCodeAt(0));
export const box = (type: string, ...parts: number[][]) => {
  const body = parts.flat();
  return [...u32(body.length + 8), ...text(type), ...body];
};
export const full = (type: string, version: number, flags: number, ...parts: number[][]) =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

/** An init with one picture track of this sample entry; `profile`: the twelve bytes of general profile, tier and level. */
export function initOf(entry: string, profile: number[]): Uint8Array {
  const config = box("hvcC", [1], profile, [0xf0, 0, 0xfc, 0xfd]);
  const stsd = full("stsd", 0, 0, u32(1), box(entry, new Array(78).fill(0), config));
  const handler = full("hdlr", 0, 0, u32(0), text("vide"), u32(0));
  const tkhd = full("tkhd", 0, 3, u32(0), u32(0), u32(1), u32(0));
  return new Uint8Array([
    ...box("ftyp", text("iso6")),
    ...box("moov", box("trak", tkhd, box("mdia", handler, box("minf", box("stbl", stsd))))),
  ]);
}

/** A fragment's data: each NAL unit behind its length. */
export const mdat = (...nals: number[][]) =>
  new Uint8Array(box("mdat", ...nals.flatMap((nal) => [u32(nal.length), nal])));
