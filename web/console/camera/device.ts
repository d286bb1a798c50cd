// What the form of a device holds, and how it becomes what the server takes. The secret is sent only when it was typed.

import type { components } from "../api/schema";
import type { FormLines } from "../shell/lines";

export type DeviceEntry = components["schemas"]["DeviceView"];
export type DeviceEdit = components["schemas"]["DeviceEdit"];

export interface DeviceForm {
  name: string;
  kind: "camera" | "recorder";
  host: string;
  port: number;
  tls: boolean;
  transport: "auto" | "tcp" | "udp";
  certificate: string;
  onvif_port: number;
  onvif_tls: boolean;
  user: string;
  password: string;
  connection_limit: number;
  channels: number;
  call_note: string;
}

export function emptyDevice(): DeviceForm {
  return {
    name: "",
    kind: "recorder",
    host: "",
    port: 554,
    tls: false,
    transport: "auto",
    certificate: "",
    onvif_port: 0,
    onvif_tls: false,
    user: "",
    password: "",
    connection_limit: 0,
    channels: 16,
    call_note: "",
  };
}

export function deviceFormOf(d: DeviceEntry): DeviceForm {
  return {
    ...emptyDevice(),
    name: d.name,
    kind: d.kind === "recorder" ? "recorder" : "camera",
    host: d.host ?? "",
    port: d.port || (d.tls ? 322 : 554),
    tls: d.tls,
    transport: d.transport,
    certificate: d.certificate ?? "",
    onvif_port: d.onvif_port ?? 0,
    onvif_tls: d.onvif_tls ?? false,
    connection_limit: d.connection_limit,
    channels: d.channels,
    call_note: d.call_note,
  };
}

/** What has to be sent: everything of a new device; of a registered one only what differs. */
export function deviceBody(form: DeviceForm, before?: DeviceForm): DeviceEdit {
  const body: Record<string, unknown> = {};
  for (const key of Object.keys(form) as (keyof DeviceForm)[]) {
    if (key === "user" || key === "password") {
      if (form[key] !== "") body[key] = form[key];
    } else if (!before || form[key] !== before[key]) body[key] = form[key];
  }
  return body as DeviceEdit;
}

/** The lines of the form: where each stands and what it is called. */
export function deviceLines(t: (key: string) => string): FormLines {
  return Object.fromEntries(LINES.map(([path, id, word]) => [path, { id, label: t(word) }]));
}

const LINES = [
  ["name", "d-name", "device.name"],
  ["kind", "d-kind", "device.kind-of"],
  ["host", "d-host", "device.host"],
  ["port", "d-port", "device.port"],
  ["user", "d-user", "camera.user"],
  ["password", "d-password", "camera.password"],
  ["transport", "d-transport", "device.transport"],
  ["onvif_port", "d-onvif", "device.onvif-port"],
  ["connection_limit", "d-limit", "device.limit"],
  ["channels", "d-channels", "device.channels"],
  ["call_note", "d-call", "device.call"],
  ["certificate", "d-certificate", "device.certificate"],
] as const;
