// Low-latency HLS through hls.js: the way that passes every network, a second or two behind.
import type Hls from "hls.js";
import { problemFrom } from "../api/problem";
import { isH265, refute } from "../playback/probe";
import { framesOf } from "./frames";
import type { Transport } from "./whep";

let open = 0;

/** A codec that this browser cannot decode. */
export class NoDecoder extends Error {}

/** Over HTTP/1.1 a browser holds six connections per server; blocking playlist reloads of many tiles would use them all up. */
function manyOnOneWire(): boolean {
  const page = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
  return open > 3 && page?.nextHopProtocol !== "h2" && page?.nextHopProtocol !== "h3";
}

export async function playHls(
  url: string,
  video: HTMLVideoElement,
  onBroken: (error: unknown) => void,
  signal: AbortSignal,
): Promise<Transport> {
  const { default: Player } = await import("hls.js/light");
  if (signal.aborted) throw new DOMException("left", "AbortError");
  if (!Player.isSupported()) throw new NoDecoder("no MSE");
  open++;
  const hls: Hls = new Player({
    lowLatencyMode: !manyOnOneWire(),
    // A worker would come from a blob: address, which the page's policy does not allow.
    enableWorker: false,
    backBufferLength: 4,
    maxBufferLength: 8,
    liveSyncDurationCount: 2,
    liveMaxLatencyDurationCount: 6,
    maxLiveSyncPlaybackRate: 1.1,
    manifestLoadPolicy: {
      default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 10000, timeoutRetry: null, errorRetry: null },
    },
  });
  let closed = false;
  let codec = "";
  const transport: Transport = {
    codec: () => codec,
    close() {
      if (closed) return;
      closed = true;
      open--;
      hls.destroy();
      video.removeAttribute("src");
      video.load();
    },
  };
  signal.addEventListener("abort", () => transport.close(), { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: unknown) => {
        reject(error);
        if (!closed) onBroken(error);
      };
      hls.on(Player.Events.BUFFER_CODECS, (_name, data) => {
        codec = data.video?.codec || data.video?.levelCodec || codec;
      });
      hls.on(Player.Events.ERROR, (_name, data) => {
        const status = data.response?.code ?? 0;
        const undecodable = () => {
          if (isH265(codec)) refute(codec);
          failed(new NoDecoder(data.details));
        };
        if (data.details === "manifestIncompatibleCodecsError" || data.details === "bufferAddCodecError") undecodable();
        else if (status === 403 || status === 410) failed(problemFrom(status, { code: "lease-ended" }));
        // The browser said that it could, and its decoder gave up on the first picture.
        else if (data.fatal && data.type === Player.ErrorTypes.MEDIA_ERROR && isH265(codec) && framesOf(video) === 0)
          undecodable();
        else if (data.fatal) failed(new Error(data.details));
      });
      hls.on(Player.Events.FRAG_BUFFERED, () => resolve());
      hls.loadSource(url);
      hls.attachMedia(video);
    });
    void video.play().catch(() => {});
    return transport;
  } catch (error) {
    transport.close();
    throw error;
  }
}
