import { onUnmounted, readonly, ref, shallowRef, watch } from "vue";
import { journal } from "../api/events";
import { serverNow } from "../api/now";
import { asProblem, Problem } from "../api/problem";
import { leases } from "../look/door";
import type { Lease, Stream } from "../look/lease";
import { isH265, refute } from "../playback/probe";
import { needPurpose } from "../session/purpose";
import { useSession } from "../session/session";
import { backoff } from "./backoff";
import { keepFrame, watchFrames, wipe } from "./frames";
import { NoDecoder, playHls } from "./hls";
import { provenOf } from "./proof";
import { hlsUrl, type Way, wayFor, whepFailed } from "./way";
import { playWhep, preferHls, type Transport } from "./whep";

/**
 * idle: not asked for. opening: at the door or connecting. playing. waiting: broken, tries again by itself, last frame
 * greyed. dark: the permission ended, nothing is shown. refused: the door said no. undecodable: no decoder here.
 */
export type Phase = "idle" | "opening" | "playing" | "waiting" | "dark" | "refused" | "undecodable";

export interface LiveOptions {
  camera: () => string | undefined;
  stream: () => Stream;
  video: () => HTMLVideoElement | null | undefined;
  still: () => HTMLCanvasElement | null | undefined;
  /** What the camera is known to send, as "H265". */
  codec?: () => string | undefined;
  /** The camera itself is known to give no picture: what may still arrive is old. */
  down?: () => boolean;
  /** The stream is only being connected to: asked for now, it would be refused. */
  coming?: () => boolean;
  /** Rather HLS: sound in AAC comes no other way. */
  hls?: () => boolean;
  /** An unattended screen asks for a new permission by itself when one has run out. */
  renew?: () => boolean;
}

/** How long a last picture stays, greyed, after its permission was given back: nobody can take it back then. */
export const STILL_FOR = 60_000;

/** A stream that is being connected to is asked for all the same after so long: nobody may have heard that it has come. */
export const COMING_FOR = 10_000;

/** Ends after which asking again is for a person to decide. */
const FINAL = new Set(["revoked", "session-ended", "signed-out", "camera-gone", "deleted", "refused"]);

export function useLive(options: LiveOptions) {
  const session = useSession();
  const phase = ref<Phase>("idle");
  const way = ref<Way | null>(null);
  const why = ref<string>("");
  const problem = shallowRef<Problem | null>(null);
  const since = ref(0);
  const frames = ref(0);
  /** The greyed last picture: it is shown, or it was until its time was over. */
  const still = ref<"" | "kept" | "gone">("");
  let lease: Lease | null = null;
  let transport: Transport | null = null;
  let stop = new AbortController();
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let fade: ReturnType<typeof setTimeout> | undefined;
  /** Nothing is asked for until the stream is connected. */
  let held = false;
  let unwatch: () => void = () => {};

  function set(next: Phase, because = ""): void {
    if (phase.value !== next) since.value = serverNow();
    phase.value = next;
    why.value = because;
  }

  /** Keeps the last picture greyed, for a minute at most. */
  function keep(): void {
    const video = options.video();
    if (!video || !keepFrame(video, options.still())) return;
    still.value = "kept";
    clearTimeout(fade);
    fade = setTimeout(() => {
      blank();
      still.value = "gone";
    }, STILL_FOR);
  }

  function blank(): void {
    clearTimeout(fade);
    still.value = "";
    wipe(options.still());
  }

  function drop(): void {
    clearTimeout(retry);
    held = false;
    unwatch();
    unwatch = () => {};
    stop.abort();
    stop = new AbortController();
    transport?.close();
    transport = null;
    way.value = null;
  }

  /** Everything off, the permission given back. */
  function leave(): void {
    drop();
    lease?.leave();
    lease = null;
    blank();
    set("idle");
  }

  async function open(anyhow = false): Promise<void> {
    const camera = options.camera();
    const video = options.video();
    drop();
    lease?.leave();
    lease = null;
    if (!camera || !video) return set("idle");
    // Asking for a picture that cannot come would only fill the register of looks; `down` tells when it is over.
    if (options.down?.()) return set("waiting", "camera");
    if (phase.value !== "waiting") set("opening");
    if (!anyhow && options.coming?.()) {
      held = true;
      retry = setTimeout(() => void open(true), COMING_FOR);
      return;
    }
    const mine = stop;
    try {
      const stated = await needPurpose(session.roles);
      if (mine.signal.aborted) return;
      if (!stated) return set("refused", "purpose");
      const got = await leases.begin({
        camera,
        kind: "live",
        stream: options.stream(),
        purpose: stated.purpose,
        reason: stated.reason || undefined,
      });
      if (mine.signal.aborted) return got.leave();
      lease = got;
      got.onEnd((end) => end !== "left" && lease === got && ended(end));
      await connect(got, camera, video, mine);
    } catch (error) {
      if (!mine.signal.aborted) failed(error);
    }
  }

  async function connect(got: Lease, camera: string, video: HTMLVideoElement, mine: AbortController): Promise<void> {
    const broken = (error?: unknown) => !mine.signal.aborted && failed(error);
    const h265 = options.codec?.() === "H265";
    const name = `${camera}/${got.request.stream}`;
    // A way that shows nothing of one camera's H.265 shows nothing of another's.
    const shown = h265 ? "H265" : name;
    got.keepAlive();
    const proof = h265 && hlsUrl(got.urls) ? await provenOf(name, hlsUrl(got.urls)!, mine.signal) : null;
    if (mine.signal.aborted) return;
    if (proof?.decodes === false) throw new NoDecoder(proof.codec);
    let chosen: Way | undefined = options.hls?.() && hlsUrl(got.urls) ? "hls" : wayFor([name, shown], got.urls);
    if (chosen === "whep") {
      try {
        transport = await playWhep(got.urls.whep!, video, () => broken(), mine.signal);
      } catch (error) {
        if (mine.signal.aborted) return;
        const fallback = hlsUrl(got.urls);
        if (!preferHls(error) || !fallback) throw error;
        whepFailed(name);
        chosen = "hls";
      }
    }
    if (chosen === "hls") transport = await playHls(hlsUrl(got.urls)!, video, broken, mine.signal);
    if (!transport) throw new NoDecoder("no way");
    if (mine.signal.aborted) return transport.close();
    way.value = chosen ?? null;
    const sends = transport;
    unwatch = watchFrames(video, running, (ever) => {
      // Many browsers say yes to H.265 and then decode nothing: trying the same again would never end.
      const codec = sends.codec();
      if (ever || !(codec === "H265" || isH265(codec)) || options.down?.()) return broken(new Error("stalled"));
      if (chosen === "whep" && hlsUrl(got.urls)) {
        whepFailed(shown);
        return broken(new Error("nothing decoded"));
      }
      // Where a fragment of it was decoded it is this stream, and no other camera has to pay for it.
      if (proof?.decodes !== true && (isH265(codec) || proof?.codec)) refute(proof?.codec || codec);
      broken(new NoDecoder("nothing decoded"));
    });
  }

  function running(count: number): void {
    frames.value = count;
    if (phase.value === "playing" || options.down?.()) return;
    attempt = 0;
    problem.value = null;
    blank();
    set("playing");
  }

  function failed(error: unknown): void {
    if (error instanceof NoDecoder) {
      drop();
      lease?.leave();
      lease = null;
      blank();
      return set("undecodable");
    }
    const p = error instanceof Problem ? error : null;
    if (p && lease?.refusedBy(p)) return;
    if (p && (p.status === 403 || p.status === 422 || p.status === 400)) {
      drop();
      blank();
      problem.value = p;
      return set("refused", p.code);
    }
    if (phase.value === "playing") keep();
    drop();
    lease?.leave();
    lease = null;
    problem.value = error ? asProblem(error) : null;
    set("waiting", p?.code ?? "");
    again((p?.retryAfter ?? 0) * 1000);
  }

  /** The permission is over: the picture goes at once, the kept frame too. */
  function ended(end: string): void {
    drop();
    lease = null;
    blank();
    set("dark", end);
    if (!FINAL.has(end) && (options.renew?.() || end === "idle" || end === "shutdown" || end === "interrupted"))
      again();
  }

  /** Never before the server has said that it makes sense. */
  function again(least = 0): void {
    clearTimeout(retry);
    retry = setTimeout(() => void open(), least + backoff(attempt++));
  }

  /** The camera is back: do not wait for the back-off. */
  function soon(): void {
    attempt = 0;
    void open();
  }

  /** A person asks: now. */
  function retryNow(): void {
    attempt = 0;
    void open(true);
  }

  const stopListening = journal.on("camera.health", (event) => {
    const data = event.data as { state?: string; camera?: string } | null;
    const ours = (data?.camera ?? event.subject) === options.camera();
    if (ours && data?.state === "online" && phase.value === "waiting" && !options.down?.()) soon();
  });
  /** Nobody may see this camera any more: what is kept of it goes now, and no lease has to tell. */
  const gone = ["camera.disabled", "camera.deleted"].map((kind) =>
    journal.on(kind, (event) => event.subject === options.camera() && blank()),
  );
  watch(
    () => options.down?.() ?? false,
    (down) => {
      if (!down && phase.value === "waiting") return soon();
      if (!down || phase.value !== "playing") return;
      // The connection stays; the picture is greyed at once, not when its frames have run out.
      keep();
      set("waiting", "camera");
    },
  );
  watch(
    () => options.coming?.() ?? false,
    (coming) => {
      if (!coming && held) void open();
    },
  );
  watch([options.camera, options.stream, () => options.hls?.()], () => {
    leave();
    attempt = 0;
    void open();
  });
  onUnmounted(() => {
    stopListening();
    for (const stopHearing of gone) stopHearing();
    leave();
  });

  return {
    phase: readonly(phase),
    way: readonly(way),
    why: readonly(why),
    problem,
    since: readonly(since),
    frames: readonly(frames),
    still: readonly(still),
    open,
    leave,
    retryNow,
  };
}
