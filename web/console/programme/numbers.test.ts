import { afterEach, describe, expect, it, vi } from "vitest";

const words = vi.hoisted(() => ({
  global: {
    locale: { value: "zh" },
    t: (key: string) =>
      ({ wan: "WAN", million: "million yuan", "million-brief": "M yuan", yuan: "yuan" })[key.split(".")[1]!],
  },
}));
vi.mock("../words", () => ({ words }));

import { count, money, more, share, shareOf, wholeShare } from "./numbers";

afterEach(() => {
  words.global.locale.value = "zh";
});

describe("figures", () => {
  it("are written as offices write them", () => {
    expect([count(0), count(930), count(17475), count(-1234567)]).toEqual(["0", "930", "17,475", "−1,234,567"]);
    expect([more(593), more(0), more(-2)]).toEqual(["+593", "0", "−2"]);
    expect([share(-1), share(0), share(596), share(1000)]).toEqual(["–", "0.0%", "59.6%", "100.0%"]);
  });

  it("say a share without its decimal, but never all or nothing of what is not", () => {
    expect([-1, 0, 4, 533, 535, 994, 999, 1000].map(wholeShare)).toEqual([
      "–",
      "0%",
      "1%",
      "53%",
      "54%",
      "99%",
      "99%",
      "100%",
    ]);
  });

  it("round a share as the server does: half up", () => {
    expect([shareOf(1524, 2366), shareOf(1, 2000), shareOf(0, 0)]).toEqual(["64.4%", "0.1%", "–"]);
  });

  it("give money in the unit of the language, to the fen", () => {
    expect([money(374_500_000), money(1_000_000), money(1_234_500), money(0)]).toEqual([
      "374.5 WAN",
      "1 WAN",
      "1.2345 WAN",
      "0 WAN",
    ]);
    expect(money(374_483_200, true)).toBe("374.5 WAN"); // brief: rounded to what a card has room for
    words.global.locale.value = "en";
    expect(money(374_483_200, true)).toBe("3.74 M yuan");
    expect([money(374_500_000), money(1_000_000), money(-150_000_000)]).toEqual([
      "3.745 million yuan",
      "10,000 yuan",
      "−1.5 million yuan",
    ]);
  });
});
