export type Tone = "good" | "warn" | "bad" | "idle";

const TONES: Record<string, Tone> = {
  online: "good",
  connecting: "idle",
  disabled: "idle",
  unknown: "idle",
  "wrong-clock": "warn",
  "no-picture": "bad",
  stalled: "bad",
  unauthorised: "bad",
  unreachable: "bad",
};

/** How a camera's state looks. A state that a newer server invents is shown as unknown. */
export function toneOf(state: string | undefined): Tone {
  return TONES[state ?? ""] ?? "idle";
}
