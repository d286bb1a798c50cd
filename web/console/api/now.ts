// What time it is at the server. Its replies say so to the second (Date, RFC 9110 §6.6.1), and between them a clock carries it on
// that nobody sets. The PC's own clock may be wrong by minutes: it is not compared with anything that the server says.

/** A reply's date has no fractions: it was said at some point within its second. */
const SECOND = 1000;
/** How fast the two clocks may drift apart: the server's may be slewed by 500 ppm, the PC's be as bad. */
const DRIFT = 0.001;
/** Below this nobody reads a wrong time off the PC's own clock. */
const NOTED = 30_000;

export class ServerClock {
  /** Between these two the server's clock is ahead of ours. Each reply narrows it; how long it was on its way does not mislead. */
  private low = Number.NEGATIVE_INFINITY;
  private high = Number.POSITIVE_INFINITY;
  private ahead = Number.NaN;
  private heardAt = 0;

  constructor(
    private readonly steady: () => number = () => performance.now(),
    private readonly pc: () => number = () => Date.now(),
  ) {}

  /** A reply that said `date`, asked for and there at these times of the steady clock. */
  heard(date: string | null, asked: number, there: number): void {
    const at = Date.parse(date ?? "");
    if (!Number.isFinite(at)) return;
    let [low, high] = [at - there, at + SECOND - asked];
    const apart = Math.max(0, there - this.heardAt) * DRIFT;
    const both = { low: Math.max(low, this.low - apart), high: Math.min(high, this.high + apart) };
    // Where both cannot be true a clock was set, or the PC slept: what is said now counts.
    if (both.low <= both.high) ({ low, high } = both);
    [this.low, this.high, this.heardAt] = [low, high, there];
    // It goes on as it was as far as that can be: a page's time does not jump with each reply.
    this.ahead = Number.isNaN(this.ahead) ? (low + high) / 2 : Math.min(Math.max(this.ahead, low), high);
  }

  /** The PC's own until the server has said anything. */
  now(): number {
    return Number.isNaN(this.ahead) ? this.pc() : this.steady() + this.ahead;
  }

  /** By how much the PC's clock is fast (slow: below 0), in milliseconds; 0 where it is right, or near enough. */
  pcOff(): number {
    const pc = this.pc() - this.steady();
    return pc - this.high > NOTED || this.low - pc > NOTED ? pc - this.ahead : 0;
  }
}

export const serverClock = new ServerClock();

/** The server's time, in milliseconds as of Date.now(). */
export const serverNow = (): number => serverClock.now();
