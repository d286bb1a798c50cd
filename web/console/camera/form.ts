// What the form holds, and how it becomes what the server takes. A source or a secret that was not touched is not sent.
import type { FormLines } from "../shell/lines";
import type { CameraEntry } from "./cameras";

export interface CameraForm {
  /** "": a device is made from the address in `main`. */
  device: string;
  channel: number;
  main: string;
  sub: string;
  snapshot: string;
  user: string;
  password: string;
  /** Fingerprint that the person has seen in a source test and believes; "": none. */
  certificate: string;
  /** Where the device was found: it can be asked for key frames there. 0: nowhere. */
  onvif_port: number;
  onvif_tls: boolean;
  /** Tokens of what main and sub are on it; they go when an address is typed over. */
  main_profile: string;
  sub_profile: string;
  name: string;
  area: string;
  area_kind: string;
  angle: string;
  range: string;
  reason: string;
  /** Said by the person who registers the camera, never beforehand. */
  common: boolean;
  faces_up: boolean;
  looks_at_outside: boolean;
  basis: string;
  retention_main_days: number;
  retention_sub_days: number;
  sound_reason: string;
  sign: string;
  call_note: string;
}

export function emptyForm(): CameraForm {
  return {
    device: "",
    channel: 1,
    main: "",
    sub: "",
    snapshot: "",
    user: "",
    password: "",
    certificate: "",
    onvif_port: 0,
    onvif_tls: false,
    main_profile: "",
    sub_profile: "",
    name: "",
    area: "",
    area_kind: "",
    angle: "",
    range: "",
    reason: "",
    common: false,
    faces_up: false,
    looks_at_outside: false,
    basis: "",
    retention_main_days: 30,
    retention_sub_days: 30,
    sound_reason: "",
    sign: "",
    call_note: "",
  };
}

export function formOf(camera: CameraEntry): CameraForm {
  const form = emptyForm() as unknown as Record<string, unknown>;
  const from = camera as unknown as Record<string, unknown>;
  for (const key of Object.keys(form))
    if (key in from && from[key] !== undefined && from[key] !== null) form[key] = from[key];
  return form as unknown as CameraForm;
}

const SECRET = ["main", "sub", "snapshot", "user", "password", "certificate"] as const;

/** The body of POST: everything that says something. */
export function bodyOfNew(form: CameraForm): Record<string, unknown> {
  const body: Record<string, unknown> = { ...form };
  for (const key of [...SECRET, "device"] as const) if (form[key] === "") delete body[key];
  for (const key of ["main_profile", "sub_profile"] as const) if (form[key] === "") delete body[key];
  // The device's own entry has these.
  if (form.device !== "") for (const key of ["certificate", "onvif_port", "onvif_tls"]) delete body[key];
  else {
    delete body.channel;
    if (form.onvif_port === 0) for (const key of ["onvif_port", "onvif_tls"]) delete body[key];
  }
  if (!form.common) delete body.common; // not yet said is another thing than "no"
  return body;
}

/** The body of PATCH: what differs, so that two people who edit different lines do not undo each other. */
export function bodyOfChange(
  before: CameraForm,
  form: CameraForm,
  cleared: ReadonlySet<string>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const key of Object.keys(form) as (keyof CameraForm)[]) {
    if (key === "certificate" || key.startsWith("onvif_")) continue; // the device's own entry has it
    if ((SECRET as readonly string[]).includes(key)) {
      if (form[key] !== "") body[key] = form[key];
      else if (cleared.has(key)) body[key] = "";
    } else if (form[key] !== before[key]) {
      body[key] = form[key];
    }
  }
  return body;
}

/** "Only its outside is seen" was said of these words: of others it has to be said again. */
export function saysOutside(before: CameraForm, form: CameraForm): boolean {
  const same = (["name", "area", "angle", "range"] as const).every((key) => form[key] === before[key]);
  return same && before.looks_at_outside;
}

/** How many days the stream that is kept longest is kept, as the server counts them: a sub stream that is not there keeps nothing. */
export function longestDays(form: CameraForm, hadSub: boolean): number {
  const [main, sub] = [form.retention_main_days, form.retention_sub_days].map((days) => days || 0) as [number, number];
  return form.sub !== "" || hadSub ? Math.max(main, sub) : main;
}

export interface SourceTest {
  camera?: string;
  device?: string;
  channel?: number;
  main?: string;
  sub?: string;
  user?: string;
  password?: string;
  certificate?: string;
}

export function testOf(form: CameraForm, camera: string | undefined): SourceTest {
  const body: SourceTest = {};
  if (camera) body.camera = camera;
  else if (form.device) Object.assign(body, { device: form.device, channel: form.channel });
  for (const key of ["main", "sub", "user", "password", "certificate"] as const) if (form[key]) body[key] = form[key];
  return body;
}

interface Channel {
  channel: number;
  main?: { path: string; profile?: string };
  sub?: { path: string; profile?: string };
  snapshot?: string;
}

/** Addresses out of what a device said about one channel. */
export function fromOnvif(
  device: { host: string; onvif_port: number; onvif_tls: boolean },
  port: number,
  channel: Channel,
): Partial<CameraForm> {
  const { host, onvif_port, onvif_tls } = device;
  const name = host.includes(":") ? `[${host}]` : host;
  const at = (path: string | undefined) => (path ? `rtsp://${name}${port === 554 ? "" : `:${port}`}${path}` : "");
  const snapshot = channel.snapshot ?? "";
  const still = /^:\d+\//.test(snapshot) || snapshot.startsWith("/") ? `http://${name}${snapshot}` : snapshot;
  return {
    main: at(channel.main?.path),
    sub: at(channel.sub?.path),
    snapshot: still,
    onvif_port,
    onvif_tls,
    main_profile: channel.main?.profile ?? "",
    sub_profile: channel.sub?.profile ?? "",
  };
}

/** The lines of the form in the order of the page: where each stands and what it is called. */
export function cameraLines(t: (key: string) => string): FormLines {
  return Object.fromEntries(LINES.map(([path, id, word]) => [path, { id, label: t(word) }]));
}

const LINES = [
  ["device", "f-device", "camera.device"],
  ["channel", "f-channel", "camera.channel"],
  ["user", "f-user", "camera.user"],
  ["password", "f-password", "camera.password"],
  ["main", "f-main", "camera.main"],
  ["sub", "f-sub", "camera.sub"],
  ["snapshot", "f-snapshot", "camera.snapshot"],
  ["name", "f-name", "camera.name"],
  ["area_kind", "f-kind", "camera.area-kind"],
  ["area", "f-area", "camera.where"],
  ["angle", "f-angle", "camera.angle"],
  ["range", "f-range", "camera.range"],
  ["reason", "f-reason", "camera.reason"],
  ["common", "f-common", "camera.say-common"],
  ["looks_at_outside", "f-outside", "camera.outside"],
  ["basis", "f-basis", "camera.basis"],
  ["retention_main_days", "f-days-main", "camera.days-main"],
  ["retention_sub_days", "f-days-sub", "camera.days-sub"],
  ["sound_reason", "f-sound", "camera.sound-reason"],
  ["sign", "f-sign", "camera.sign"],
  ["call_note", "f-call", "camera.call"],
] as const;
