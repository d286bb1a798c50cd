// Whether this browser decodes what a camera sends live in H.265: many say yes and then show nothing. Found out with the stream's
// own init and first key fragment, once for each codec string, and known to playback too, as what playback found out is here.
import { fetchOk } from "../api/client";
import { beginsWithKey, h265Of } from "../playback/h265";
import { canTry, probe, verdictOn } from "../playback/probe";
import { stripFragment, stripInit } from "../playback/strip";

export interface Proof {
  /** The codec string; "": it is no H.265 after all. */
  codec: string;
  /** undefined: nothing there to find it out with. */
  decodes: boolean | undefined;
}

/** A silent camera's playlist waits for a fragment, and whoever waits for it sees nothing. */
const PATIENCE = 4000;
/** The codec string that a stream had when it was last proved. */
const codecs = new Map<string, string>();

/**
 * What is known of `stream`, or is shown by its live playlist at `url` within a few seconds; null: neither. What is found out
 * later is known the next time.
 */
export async function provenOf(stream: string, url: string, signal: AbortSignal): Promise<Proof | null> {
  const codec = codecs.get(stream) ?? "";
  const known = codec === "" ? undefined : verdictOn(codec);
  if (known !== undefined) return { codec, decodes: known };
  const found = prove(url, signal).then((proof) => {
    codecs.set(stream, proof.codec);
    return proof;
  });
  let late: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<null>((resolve) => {
    late = setTimeout(() => resolve(null), PATIENCE);
  });
  return Promise.race([found.catch(() => null), waited]).finally(() => clearTimeout(late));
}

/** `url` is the live playlist of a lease. */
export async function prove(url: string, signal: AbortSignal): Promise<Proof> {
  const bytes = async (of: string) =>
    new Uint8Array(await (await fetchOk(new URL(of, new URL(url, location.href)).href, { signal })).arrayBuffer());
  const list = piecesOf(await (await fetchOk(url, { signal })).text());
  const newest = list[list.length - 1];
  if (!newest) return { codec: "", decodes: undefined };
  const { init, dropped } = stripInit(await bytes(newest.init), (_track, kind) => kind === "vide");
  const codec = h265Of(init);
  if (codec === "") return { codec, decodes: undefined };
  const known = verdictOn(codec);
  if (known !== undefined) return { codec, decodes: known };
  // Where MSE has no decoder, or is not there, WebRTC or the browser's own HLS may have one: each way finds out for itself.
  if (!canTry(codec)) return { codec, decodes: undefined };
  // Of a camera with a key frame every twelve seconds most fragments have none.
  for (const piece of list.filter((p) => p.init === newest.init).reverse()) {
    const fragment = stripFragment(await bytes(piece.uri), dropped);
    if (beginsWithKey(fragment)) return { codec, decodes: await probe(codec, init, fragment) };
  }
  return { codec, decodes: undefined };
}

/** The complete segments of a playlist, oldest first, each with the init that it needs. */
export function piecesOf(playlist: string): { uri: string; init: string }[] {
  const out: { uri: string; init: string }[] = [];
  let init = "";
  for (const line of playlist.split(/\r?\n/)) {
    const map = /^#EXT-X-MAP:.*URI="([^"]+)"/.exec(line);
    if (map) init = map[1]!;
    else if (line !== "" && !line.startsWith("#") && init !== "") out.push({ uri: line, init });
  }
  return out;
}
