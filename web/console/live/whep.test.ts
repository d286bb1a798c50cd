import { describe, expect, it } from "vitest";
import { codecOf } from "./whep";

describe("a WHEP answer", () => {
  it("tells the codec of the picture", () => {
    const sdp = (name: string) =>
      [
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 8",
        "a=rtpmap:8 PCMA/8000",
        "m=video 9 UDP/TLS/RTP/SAVPF 100",
        `a=rtpmap:100 ${name}/90000`,
        "",
      ].join("\r\n");
    expect(codecOf(sdp("H265"))).toBe("H265");
    expect(codecOf(sdp("H264"))).toBe("H264");
    expect(codecOf("")).toBe("");
  });
});
