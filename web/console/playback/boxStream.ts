// Cuts a stream of bytes into what a decoder takes at a time: the init (ftyp + moov), then chunks (moof + mdat).
import { fourcc, viewOf } from "./box";

export class BoxStream {
  private rest: Uint8Array = new Uint8Array(0);
  private held: Uint8Array[] = [];

  /** Gives what is complete now. A piece ends after a moov or an mdat. */
  push(bytes: Uint8Array): Uint8Array[] {
    const all = new Uint8Array(this.rest.length + bytes.length);
    all.set(this.rest);
    all.set(bytes, this.rest.length);
    const view = viewOf(all);
    const out: Uint8Array[] = [];
    let at = 0;
    while (at + 8 <= all.length) {
      const size = view.getUint32(at);
      if (size < 8) throw new Error("not a stream of boxes");
      if (at + size > all.length) break;
      const type = fourcc(view, at + 4);
      this.held.push(all.subarray(at, at + size));
      at += size;
      if (type === "moov" || type === "mdat") out.push(this.joined());
    }
    this.rest = all.slice(at);
    return out;
  }

  private joined(): Uint8Array {
    const size = this.held.reduce((n, part) => n + part.length, 0);
    const out = new Uint8Array(size);
    let at = 0;
    for (const part of this.held) {
      out.set(part, at);
      at += part.length;
    }
    this.held = [];
    return out;
  }
}
