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
  const known = canTry(codec) ? verdictOn(codec) : false;
  if (known !== undefined) return { codec, decodes: known };
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
