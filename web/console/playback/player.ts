// Plays one to eight tracks in step. One clock of wall time; a track that is still loading holds all, a track without
// footage holds none.

import { nextFootage, SECOND } from "./timeline";
import type { Track } from "./track";

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];

const TICK = 100;
/** Beyond this a follower jumps; below, it hurries or dawdles. */
const JUMP = 350;
const EVEN = 20;
/** So near its end a track does not lead. */
const EDGE = 300;
/** Steps that wait for the one under way. */
const QUEUED = 4;
/** Start again after waiting only when this much is there, or it stops at once. */
const ENOUGH = 1200;

export interface Member {
  track: Track;
  /** Spans with footage, for jumping over what nobody recorded. */
  spans(): readonly { from: number; to: number }[];
}

export interface PlayerState {
  wall: number;
  playing: boolean;
  waiting: boolean;
  /** Nothing more was recorded after this moment. */
  ended: boolean;
}

export class Player {
  private readonly members = new Map<string, Member>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private last = 0;
  private wall: number;
  private playing = false;
  private waiting = false;
  private ended = false;
  private speed: Speed = 1;
  private turn = 0;
  private steps = 0;
  private stepping: Promise<unknown> = Promise.resolve();

  constructor(
    start: number,
    private readonly tell: (state: PlayerState) => void,
    private readonly onSkip: (from: number, to: number) => void = () => {},
  ) {
    this.wall = start;
    this.timer = setInterval(() => this.tick(), TICK);
  }

  get at(): number {
    return this.wall;
  }

  add(key: string, member: Member): void {
    this.members.get(key)?.track.close();
    this.members.set(key, member);
    member.track.setSpeed(this.speed);
    void member.track.seek(this.wall, this.speed).then(() => this.report());
  }

  remove(key: string): void {
    this.members.get(key)?.track.close();
    this.members.delete(key);
  }

  play(): void {
    this.playing = true;
    this.ended = false;
    this.last = performance.now();
    this.report();
  }

  pause(): void {
    this.playing = false;
    for (const { track } of this.members.values()) track.video.pause();
    this.report();
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    for (const { track } of this.members.values()) if (track.setSpeed(speed)) void track.seek(this.wall, speed);
  }

  async seek(t: number): Promise<void> {
    const mine = ++this.turn;
    this.wall = t;
    this.ended = false;
    this.report();
    await Promise.all([...this.members.values()].map(({ track }) => track.seek(t, this.speed)));
    if (mine === this.turn) this.report();
  }

  /**
   * One frame on or back, by the leading track's frames; the others follow its time. Each step begins where the one before has arrived;
   * a key that is held down does not run on for long after it was let go.
   */
  step(direction: 1 | -1): Promise<boolean> {
    if (this.steps >= QUEUED) return Promise.resolve(false);
    this.steps++;
    const one = this.stepping.then(() => this.stepOnce(direction)).finally(() => this.steps--);
    this.stepping = one.catch(() => {});
    return one;
  }

  private async stepOnce(direction: 1 | -1): Promise<boolean> {
    this.pause();
    if (!this.lead()) await this.seek(this.wall);
    const mine = this.turn;
    const to = await this.lead()?.neighbourFrame(direction);
    if (to === undefined || mine !== this.turn) return false;
    await this.seek(to);
    return true;
  }

  private lead(): Track | undefined {
    for (const { track } of this.members.values()) if (track.standing(this.wall) === "ready") return track;
    return undefined;
  }

  private tick(): void {
    const now = performance.now();
    const gone = now - this.last;
    this.last = now;
    const tracks = [...this.members.values()].map((m) => m.track);
    for (const track of tracks) void track.pump(this.wall, this.speed);
    if (!this.playing || tracks.length === 0) return;

    const standings = tracks.map((track) => track.standing(this.wall));
    const short = this.waiting && tracks.some((track, i) => standings[i] === "ready" && this.tooShort(track));
    if (standings.includes("loading") || short) return this.hold();
    if (standings.every((s) => s === "gap")) return this.skip();
    this.waiting = false;

    const leader = this.leader(tracks, standings);
    this.wall += gone * this.speed;
    // The leader's own clock is the truth as long as it runs; a jump of it (a seek under way) is not.
    if (leader && !leader.video.paused && !leader.video.seeking) {
      const led = leader.position;
      if (Math.abs(led - this.wall) < SECOND * Math.max(1, this.speed)) this.wall = led;
    }
    tracks.forEach((track, i) => this.keep(track, standings[i] === "ready", track === leader));
    this.report();
  }

  /** One whose footage goes on: a picture at the end of what there is stands still, and time must not stand with it. */
  private leader(tracks: Track[], standings: string[]): Track | undefined {
    const enough = EDGE * Math.max(1, this.speed);
    return tracks.find((track, i) => standings[i] === "ready" && track.readyUntil(this.wall) - this.wall > enough);
  }

  private tooShort(track: Track): boolean {
    const until = track.readyUntil(this.wall);
    return until - this.wall < ENOUGH * this.speed && track.standing(until + 1) === "loading";
  }

  private keep(track: Track, ready: boolean, leads: boolean): void {
    const video = track.video;
    if (!ready) return video.pause();
    const ahead = track.position - this.wall;
    const scale = Math.max(1, this.speed);
    if (Math.abs(ahead) > JUMP * scale && !video.seeking) void track.seek(this.wall, this.speed);
    const lean =
      leads || Math.abs(ahead) < EVEN * scale ? 1 : 1 - Math.max(-0.15, Math.min(0.15, ahead / 2000 / scale));
    const rate = track.rate(this.speed) * lean;
    if (Math.abs(video.playbackRate - rate) > 0.005) video.playbackRate = rate;
    if (video.paused) void video.play().catch(() => {});
  }

  private hold(): void {
    this.waiting = true;
    for (const { track } of this.members.values()) track.video.pause();
    this.report();
  }

  /** Nothing was recorded here by anybody: go on where something was. */
  private skip(): void {
    // What the index knows near by, and what the list of spans knows far away.
    const lists = [...this.members.values()].flatMap((m) => [m.spans(), m.track.known]);
    const next = nextFootage(lists, this.wall + 1);
    for (const { track } of this.members.values()) track.video.pause();
    if (next === undefined) {
      this.playing = false;
      this.ended = true;
      return this.report();
    }
    const from = this.wall;
    // The list of spans may be a moment younger than the index of fragments: then it is only a matter of waiting.
    if (next - from < SECOND) {
      this.wall = next + 1;
      return this.hold();
    }
    this.onSkip(from, next);
    void this.seek(next);
  }

  private report(): void {
    this.tell({ wall: this.wall, playing: this.playing, waiting: this.waiting, ended: this.ended });
  }

  close(): void {
    clearInterval(this.timer);
    for (const { track } of this.members.values()) track.close();
    this.members.clear();
  }
}
