import { afterEach, describe, expect, it } from "vitest";
import { called, calledAll, calledIn, keepNames } from "./called";

afterEach(() => keepNames({}));

describe("the name of a division", () => {
  it("is English on an English page, as far as the server said one", () => {
    keepNames({ County: "Lanshan District", Street: "Yinqueshan Subdistrict" });
    expect(called("County", "en")).toBe("Lanshan District");
    expect(called("County", "zh")).toBe("County");
    expect(called("Elsewhere", "en")).toBe("Elsewhere");
    expect(called(undefined, "en")).toBe("");
    expect(calledAll(["County", "", "Street"], "en")).toBe("Lanshan District · Yinqueshan Subdistrict");
    expect(calledIn("County · Street · Elsewhere", "en")).toBe("Lanshan District · Yinqueshan Subdistrict · Elsewhere");
    expect(calledIn(undefined, "en")).toBe("");
  });
});
