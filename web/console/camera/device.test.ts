import { describe, expect, it } from "vitest";
import { type DeviceEntry, deviceBody, deviceFormOf, emptyDevice } from "./device";

const recorder: DeviceEntry = {
  id: "r1",
  kind: "recorder",
  name: "机房录像机",
  host: "192.168.1.10",
  port: 554,
  tls: false,
  transport: "auto",
  connection_limit: 32,
  channels: 16,
  call_note: "物业工程部",
  has_secret: true,
  cameras: 3,
  version: 4,
  created: "2026-11-01T00:00:00Z",
  changed: "2026-11-01T00:00:00Z",
};

describe("the form of a device", () => {
  it("sends nothing of what was not touched, and never an empty secret", () => {
    const before = deviceFormOf(recorder);
    expect(deviceBody({ ...before }, before)).toEqual({});
    expect(deviceBody({ ...before, connection_limit: 8 }, before)).toEqual({ connection_limit: 8 });
  });

  it("sends a new password alone: the server keeps the user that it has", () => {
    const before = deviceFormOf(recorder);
    expect(deviceBody({ ...before, password: "new-secret" }, before)).toEqual({ password: "new-secret" });
    const both = { ...before, user: "admin", password: "new-secret" };
    expect(deviceBody(both, before)).toEqual({ user: "admin", password: "new-secret" });
  });

  it("sends all of a new device, without a secret that was not given", () => {
    const body = deviceBody({ ...emptyDevice(), name: "录像机", host: "nvr.lan" });
    expect(body).toMatchObject({ name: "录像机", kind: "recorder", host: "nvr.lan", port: 554, channels: 16 });
    expect("password" in body).toBe(false);
  });
});
