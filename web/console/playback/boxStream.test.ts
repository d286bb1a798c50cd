import { expect, it } from "vitest";
import { BoxStream } from "./boxStream";

const box = (type: string, size: number) => [
  0,
  0,
  0,
  size,
  ...[...type].map((c) => c.charCodeAt(0)),
  ...Array(size - 8).fill(7),
];
const stream = new Uint8Array([
  ...box("ftyp", 12),
  ...box("moov", 20),
  ...box("moof", 16),
  ...box("mdat", 40),
  ...box("moof", 16),
  ...box("mdat", 9),
]);

it("cuts the same pieces wherever the network cut the bytes", () => {
  for (const step of [1, 3, 7, 50, 1000]) {
    const cutter = new BoxStream();
    const pieces: number[] = [];
    for (let at = 0; at < stream.length; at += step)
      for (const p of cutter.push(stream.slice(at, at + step))) pieces.push(p.length);
    expect(pieces, `step ${step}`).toEqual([32, 56, 25]);
  }
});

it("refuses what is no stream of boxes", () => {
  expect(() => new BoxStream().push(new Uint8Array(16))).toThrow();
});
