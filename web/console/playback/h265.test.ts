import { describe, expect, it } from "vitest";
import { beginsWithKey, h265Of } from "./h265";
import { box, full, initOf, mdat, text, u32 } from "./testbox";

describe("what an H.265 stream says of itself", () => {
  it("is the codec string that the index of the footage has too", () => {
    // protocol/cmaf spells these the same.
    const main = [0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60];
    expect(h265Of(initOf("hvc1", main))).toBe("hvc1.1.6.L60.90");
    const high = [0x22, 0x20, 0, 0, 0, 0xb0, 0, 0, 0, 0, 1, 153];
    expect(h265Of(initOf("hev1", high))).toBe("hev1.2.4.H153.B0.0.0.0.0.1");
    const spaced = [0x41, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 93];
    expect(h265Of(initOf("hvc1", spaced))).toBe("hvc1.A1.6.L93");
    const all = [0x01, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 93];
    expect(h265Of(initOf("hvc1", all))).toBe("hvc1.1.FFFFFFFF.L93");
  });

  it("is nothing where it is another codec, cut off, or no film at all", () => {
    expect(h265Of(initOf("avc1", [1, 2, 3]))).toBe("");
    expect(h265Of(new Uint8Array(0))).toBe("");
    const whole = initOf("hvc1", [0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60]);
    for (let n = 0; n < whole.length; n++) expect(h265Of(whole.subarray(0, n))).toBe("");
  });
});

describe("a fragment", () => {
  const nal = (type: number) => [type << 1, 1, 0xaf];

  it("begins with a key picture where its first picture is of a random access point, whatever stands before it", () => {
    for (const type of [16, 19, 20, 21])
      expect(beginsWithKey(mdat(nal(32), nal(33), nal(34), nal(39), nal(type), nal(1)))).toBe(true);
    for (const type of [0, 1, 9]) expect(beginsWithKey(mdat(nal(type), nal(19)))).toBe(false);
  });

  it("does not where there is no picture in it, or its lengths make no sense", () => {
    expect(beginsWithKey(mdat())).toBe(false);
    expect(beginsWithKey(mdat(nal(32)))).toBe(false);
    expect(beginsWithKey(new Uint8Array(box("mdat", u32(0xffffffff), nal(40))))).toBe(false);
    expect(beginsWithKey(new Uint8Array(box("moof", full("mfhd", 0, 0, u32(1)))))).toBe(false);
    expect(beginsWithKey(new Uint8Array(text("rubbish")))).toBe(false);
  });
});
