// WHEP (RFC 9725 draft): one POST with our offer, the answer comes back, media flows over UDP or ICE-TCP.
import { fetchOk } from "../api/client";
import { Problem } from "../api/problem";

const CONNECT_WITHIN = 6000;

export interface Transport {
  /** The picture's codec, as far as it is known: "H265", or its codec string. */
  codec(): string;
  close(): void;
}

/** The offer came through but no media did: a network that lets no WebRTC pass, or a codec that cannot go this way. */
export class NoMedia extends Error {}

export async function playWhep(
  url: string,
  video: HTMLVideoElement,
  onBroken: () => void,
  signal: AbortSignal,
): Promise<Transport> {
  if (typeof RTCPeerConnection === "undefined") throw new NoMedia("no WebRTC");
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  let settled = false;
  let closed = false;
  let answer = "";

  const transport: Transport = {
    codec: () => codecOf(answer),
    close() {
      if (closed) return;
      closed = true;
      settled = true;
      peer.onconnectionstatechange = null;
      peer.close();
      video.srcObject = null;
      // No DELETE of the WHEP resource: whoever closes this gives the lease back, and that ends it.
    },
  };
  signal.addEventListener("abort", () => transport.close(), { once: true });

  try {
    const stream = new MediaStream();
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (video.srcObject !== stream) video.srcObject = stream;
      void video.play().catch(() => {});
    };
    const connected = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new NoMedia("no connection")), CONNECT_WITHIN);
      peer.onconnectionstatechange = () => {
        if (peer.connectionState === "connected") {
          clearTimeout(late);
          resolve();
        } else if (peer.connectionState === "failed" || peer.connectionState === "closed") {
          clearTimeout(late);
          reject(new NoMedia(peer.connectionState));
          if (!settled) onBroken();
        }
      };
    });
    connected.catch(() => {});
    await peer.setLocalDescription(await peer.createOffer());
    // Our own candidates need not be gathered: the server answers whoever reaches its one port with the right name.
    const reply = await fetchOk(url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: peer.localDescription!.sdp,
      signal,
    });
    answer = await reply.text();
    if (settled) throw new DOMException("left", "AbortError");
    await peer.setRemoteDescription({ type: "answer", sdp: answer });
    await connected;
    return transport;
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** The codec that the answer settled on. */
export function codecOf(sdp: string): string {
  const video = sdp.split(/^m=/m).find((part) => part.startsWith("video")) ?? "";
  return /^a=rtpmap:\d+ (H26[45])\//im.exec(video)?.[1]?.toUpperCase() ?? "";
}

/** Whether a failure speaks against WHEP as such for this camera, so that HLS is the better way for a while. */
export function preferHls(error: unknown): boolean {
  if (error instanceof NoMedia) return true;
  return (
    error instanceof Problem && [404, 405, 406, 415, 422, 501].includes(error.status) && !error.code.includes("lease")
  );
}
