import type { components } from "../api/schema";

type Wire = components["schemas"]["Promise"];

export interface Promised extends Wire {
  name: string;
  /** Less fits than was promised. */
  short: boolean;
}

/** The promises of cameras that are still registered, those that cannot be kept first, then by name. */
export function promised(streams: readonly Wire[], nameOf: (camera: string) => string | undefined): Promised[] {
  return streams
    .map((s) => ({ ...s, name: nameOf(s.camera) ?? "", short: s.bit_rate > 0 && s.fit < s.days }))
    .filter((s) => s.name !== "")
    .sort(
      (a, b) => Number(b.short) - Number(a.short) || a.name.localeCompare(b.name) || a.stream.localeCompare(b.stream),
    );
}
