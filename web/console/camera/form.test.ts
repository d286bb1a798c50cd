import { describe, expect, it } from "vitest";
import { bodyOfChange, bodyOfNew, emptyForm, fromOnvif, longestDays, saysOutside, testOf } from "./form";

describe("the camera form", () => {
  it("sends a new camera with its address and no empty secrets", () => {
    const form = { ...emptyForm(), name: "gate", main: "rtsp://192.0.2.7/main" };
    const body = bodyOfNew(form);
    expect(body.main).toBe("rtsp://192.0.2.7/main");
    expect("password" in body || "sub" in body || "device" in body || "channel" in body).toBe(false);
    expect(Object.keys(body).filter((key) => /onvif|profile/.test(key))).toEqual([]);
    const found = { ...form, onvif_port: 80, main_profile: "P1" };
    expect(bodyOfNew(found)).toMatchObject({ onvif_port: 80, onvif_tls: false, main_profile: "P1" });
    // A registered device has its own entry for where its ONVIF service is.
    expect(Object.keys(bodyOfNew({ ...found, device: "d1" })).filter((key) => key.startsWith("onvif"))).toEqual([]);
  });

  it("says nothing for the person: neither that the area is common, nor the legal basis, nor that only an outside is seen", () => {
    const form = emptyForm();
    expect([form.common, form.looks_at_outside, form.basis]).toEqual([false, false, ""]);
    expect("common" in bodyOfNew(form)).toBe(false);
    expect(bodyOfNew({ ...form, common: true }).common).toBe(true);
    const said = { ...form, area: "公厕外道路", looks_at_outside: true };
    expect(saysOutside(said, said)).toBe(true);
    expect(saysOutside(said, { ...said, area: "公厕" })).toBe(false);
  });

  it("sends only what was changed", () => {
    const before = { ...emptyForm(), name: "gate", reason: "cars and people come in here" };
    expect(bodyOfChange(before, { ...before, reason: "cars come in here" }, new Set())).toEqual({
      reason: "cars come in here",
    });
    expect(bodyOfChange(before, before, new Set())).toEqual({});
  });

  it("never sends back a source it was not shown, and can remove one", () => {
    const before = emptyForm();
    expect(bodyOfChange(before, { ...before, password: "new" }, new Set())).toEqual({ password: "new" });
    expect(bodyOfChange(before, before, new Set(["sub"]))).toEqual({ sub: "" });
  });

  it("makes addresses of what a device said", () => {
    const channel = {
      channel: 2,
      main: { path: "/Streaming/Channels/201", profile: "P2" },
      snapshot: ":8080/shot.jpg",
    };
    expect(fromOnvif({ host: "192.0.2.7", onvif_port: 8000, onvif_tls: false }, 554, channel)).toEqual({
      main: "rtsp://192.0.2.7/Streaming/Channels/201",
      sub: "",
      snapshot: "http://192.0.2.7:8080/shot.jpg",
      onvif_port: 8000,
      onvif_tls: false,
      main_profile: "P2",
      sub_profile: "",
    });
    expect(fromOnvif({ host: "2001:db8::7", onvif_port: 80, onvif_tls: false }, 8554, channel).main).toBe(
      "rtsp://[2001:db8::7]:8554/Streaming/Channels/201",
    );
  });

  it("tests a registered camera by its id, a new one by its address", () => {
    expect(testOf({ ...emptyForm(), main: "/ch1" }, "c1")).toEqual({ camera: "c1", main: "/ch1" });
    expect(testOf({ ...emptyForm(), device: "d1", channel: 3, main: "/ch3" }, undefined)).toEqual({
      device: "d1",
      channel: 3,
      main: "/ch3",
    });
  });
});

it("counts the days of the stream that is kept longest, and none of a sub stream that is not there", () => {
  const form = { ...emptyForm(), retention_main_days: 1, retention_sub_days: 30 };
  expect(longestDays(form, false)).toBe(1);
  expect(longestDays(form, true)).toBe(30);
  expect(longestDays({ ...form, sub: "rtsp://192.0.2.7/sub" }, false)).toBe(30);
  expect(longestDays({ ...form, retention_main_days: 60 }, true)).toBe(60);
  // A field that was emptied promises nothing.
  expect(longestDays({ ...form, retention_main_days: undefined as unknown as number }, false)).toBe(0);
});
