// "My e-bike stood here at 18:00." Halves the time between a picture with it and a picture without it,
// until two neighbouring key frames are left.
export type Verdict = "before" | "after";

export interface Sample {
  /** The time of the key frame that was really looked at. */
  at: number;
  verdict: Verdict;
  /** 0…1: how clearly it is the one rather than the other. */
  certainty: number;
}

export interface Step extends Sample {
  low: number;
  high: number;
}

export interface Found {
  /** Last moment that still looks like the start, first that looks like the end. */
  low: number;
  high: number;
  steps: Step[];
}

export interface Task {
  low: number;
  high: number;
  /** Stop when the two are closer than this, in ms. */
  resolution: number;
  /** The key frame at or before `t`, judged; undefined when there is no footage strictly between low and high. */
  look(t: number, low: number, high: number): Promise<Sample | undefined>;
  onStep?(step: Step): void;
  signal?: AbortSignal;
}

const MOST_STEPS = 40;

export async function bisect(task: Task): Promise<Found> {
  let { low, high } = task;
  const steps: Step[] = [];
  while (high - low > task.resolution && steps.length < MOST_STEPS) {
    if (task.signal?.aborted) throw new DOMException("cancelled", "AbortError");
    const sample = await task.look(low + (high - low) / 2, low, high);
    // A picture outside the open interval teaches nothing: there is no key frame between the two any more.
    if (!sample || sample.at <= low || sample.at >= high) {
      return { low, high, steps };
    }
    if (sample.verdict === "before") low = sample.at;
    else high = sample.at;
    const step = { ...sample, low, high };
    steps.push(step);
    task.onStep?.(step);
  }
  return { low, high, steps };
}

/** How many looks a span needs at most: shown before the search begins. */
export function expectedSteps(span: number, resolution: number): number {
  return Math.max(0, Math.ceil(Math.log2(span / Math.max(resolution, 1))));
}
