// Boxes of ISO BMFF: finding them, no more.
export interface Box {
  type: string;
  body: number;
  end: number;
}

export function* boxes(view: DataView, from: number, to: number): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    let size = view.getUint32(at);
    let head = 8;
    if (size === 1) {
      if (at + 16 > to) return;
      size = u64(view, at + 8);
      head = 16;
    } else if (size === 0) {
      size = to - at;
    }
    if (size < head || at + size > to) return;
    yield { type: fourcc(view, at + 4), body: at + head, end: at + size };
    at += size;
  }
}

export function fourcc(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

export function u64(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function find(view: DataView, from: number, to: number, ...path: string[]): Box | undefined {
  let box: Box | undefined = { type: "", body: from, end: to };
  for (const type of path) {
    let next: Box | undefined;
    for (const b of boxes(view, box.body, box.end)) {
      if (b.type === type) {
        next = b;
        break;
      }
    }
    if (!next) return undefined;
    box = next;
  }
  return box;
}
