// What the server says about a piece of footage, in the form the player works with. Times are milliseconds since 1970.
export interface Fragment {
  segment: string;
  /** Where its bytes are. */
  url: string;
  offset: number;
  size: number;
  start: number;
  end: number;
  /** Begins with a key frame. */
  key: boolean;
  /** The first bytes of its file: needed once before its fragments. */
  init: { url: string; offset: number; size: number };
  codec: string;
  run: string;
}

export interface WireIndex {
  runs: WireRun[] | null;
}

export interface WireRun {
  run?: string | number;
  codec?: string;
  codecs?: string[] | null;
  init: { url: string; offset?: number; size?: number; range?: string };
  fragments: WireFragment[] | null;
}

export interface WireFragment {
  segment: string;
  url?: string;
  offset: number;
  size: number;
  start: string;
  duration_ms: number;
  key: boolean;
  init?: { url: string; offset?: number; size?: number };
}

export function readIndex(wire: WireIndex, segmentUrl: (segment: string) => string): Fragment[] {
  const out: Fragment[] = [];
  for (const run of wire.runs ?? []) {
    const codec = run.codec ?? (run.codecs ?? []).join(",");
    for (const f of run.fragments ?? []) {
      const start = Date.parse(f.start);
      const init = f.init ?? run.init;
      out.push({
        segment: f.segment,
        url: f.url ?? segmentUrl(f.segment),
        offset: f.offset,
        size: f.size,
        start,
        end: start + f.duration_ms,
        key: f.key,
        init: { url: init.url, offset: init.offset ?? 0, size: init.size ?? 0 },
        codec,
        run: String(run.run ?? run.init.url),
      });
    }
  }
  return out.sort((a, b) => a.start - b.start);
}

export function idOf(f: Fragment): string {
  return `${f.segment}@${f.offset}`;
}

/** Index of the last fragment that starts at or before `t`; -1: none. */
export function lastAtOrBefore(list: readonly Fragment[], t: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (list[mid]!.start <= t) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}

/** The fragment from which decoding must begin to show `t`: itself, or the last key one of its run before it. */
export function decodeFrom(list: readonly Fragment[], at: number): number {
  let i = at;
  const run = list[at]?.run;
  while (i > 0 && !list[i]!.key && list[i - 1]!.run === run) i--;
  return i;
}

/** Two fragments with less than this between them are one piece of footage. */
export const SLACK = 250;

/** The last key fragment at or before `t`, else the first behind it, strictly between `low` and `high`. */
export function keyBetween(list: readonly Fragment[], t: number, low: number, high: number): Fragment | undefined {
  for (let i = lastAtOrBefore(list, t); i >= 0 && list[i]!.start > low; i--) {
    if (list[i]!.key && list[i]!.start < high) return list[i];
  }
  for (let i = lastAtOrBefore(list, t) + 1; i < list.length && list[i]!.start < high; i++) {
    if (list[i]!.key && list[i]!.start > low) return list[i];
  }
  return undefined;
}

/** The longest time between two moments for which there is no footage. */
export function hole(list: readonly Fragment[], low: number, high: number): number {
  let at = low;
  let longest = 0;
  for (const f of list) {
    if (f.end <= low || f.start >= high) continue;
    longest = Math.max(longest, f.start - at);
    at = Math.max(at, f.end);
  }
  return Math.max(longest, high - at);
}
