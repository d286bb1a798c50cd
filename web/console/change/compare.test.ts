import { describe, expect, it } from "vitest";
import { alike, distance, judge, type Pixels, type Print, print, SAME } from "./compare";

const whole = { x: 0, y: 0, width: 1, height: 1 };

function picture(bike: boolean, light = 1, noise = 0, grey = false): Pixels {
  const width = 96;
  const height = 64;
  const data = new Uint8ClampedArray(width * height * 4);
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return (seed / 2 ** 31 - 0.5) * noise;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const on = bike && x > 30 && x < 66 && y > 24 && y < 56 && (x + y) % 9 < 5;
      const [r, g, b] = on ? [40, 60, 160] : [120 + x / 2, 122 + x / 2, 118 + x / 2];
      const p = (y * width + x) * 4;
      const mono = 0.3 * r! + 0.59 * g! + 0.11 * b!;
      data[p] = (grey ? mono : r!) * light + random();
      data[p + 1] = (grey ? mono : g!) * light + random();
      data[p + 2] = (grey ? mono : b!) * light + random();
      data[p + 3] = 255;
    }
  }
  return { width, height, data };
}

const withBike = print(picture(true), whole);
const without = print(picture(false), whole);

describe("comparing a rectangle", () => {
  it("tells a bike from no bike", () => {
    expect(distance(withBike, withBike)).toBe(0);
    expect(distance(withBike, without)).toBeGreaterThan(SAME);
    expect(alike(withBike, withBike)).toBe(true);
    expect(alike(withBike, without)).toBe(false);
  });

  it("is not misled by dusk, by noise or by infrared", () => {
    for (const p of [picture(true, 0.5), picture(true, 1, 30), picture(true, 0.7, 10, true)]) {
      expect(judge(print(p, whole), withBike, without).verdict).toBe("before");
    }
    for (const p of [picture(false, 0.5), picture(false, 1, 30), picture(false, 0.7, 10, true)]) {
      expect(judge(print(p, whole), withBike, without).verdict).toBe("after");
    }
  });

  it("looks only inside the rectangle", () => {
    const corner = { x: 0, y: 0, width: 0.2, height: 0.2 };
    expect(distance(print(picture(true), corner), print(picture(false), corner))).toBeLessThan(SAME);
  });

  it("takes a rectangle of a few pixels, also at the edge", () => {
    const tiny = { x: 0.97, y: 0.97, width: 0.1, height: 0.1 };
    expect(Number.isFinite(distance(print(picture(true), tiny), print(picture(false), tiny)))).toBe(true);
  });
});

describe("something thin in the rectangle", () => {
  // The arm of a barrier, down or up, over a street with some pattern: each 4 % of the picture.
  function street(arm: "down" | "up" | "none", light = 1, noise = 0, seed = 1, contrast = 40): Print {
    const width = 150;
    const height = 100;
    const data = new Uint8ClampedArray(width * height * 4);
    let s = seed;
    const random = () => {
      s = (s * 48271) % 2147483647;
      return s / 2147483647 - 0.5;
    };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const on =
          (arm === "down" && x >= 25 && x < 125 && y >= 50 && y < 56) ||
          (arm === "up" && x >= 22 && x < 29 && y >= 5 && y < 91);
        const ground = 110 + contrast * Math.sin(x / 17) * Math.cos(y / 11) + (y > 60 ? contrast / 2 : 0);
        const value = on ? ground + 45 : ground;
        // The sum of three is near enough to a bell.
        const n = (random() + random() + random()) * 2 * noise;
        for (let c = 0; c < 3; c++) data[(y * width + x) * 4 + c] = value * light + n;
      }
    }
    return print({ width, height, data }, whole);
  }
  const seeds = Array.from({ length: 20 }, (_, i) => 1000 * i + 7);

  it("is found, also when it is noisy and darker at the end", () => {
    for (const [a, b] of [
      ["down", "up"],
      ["down", "none"],
      ["none", "up"],
    ] as const) {
      expect(alike(street(a), street(b))).toBe(false);
      for (const seed of seeds) expect(alike(street(a, 1, 12, seed), street(b, 0.75, 12, seed + 1))).toBe(false);
    }
  });

  it("is found where a mean over the rectangle does not see it", () => {
    expect(distance(street("down"), street("none"))).toBeLessThan(SAME);
    expect(distance(street("down"), street("up"))).toBeLessThan(SAME);
  });

  it("decides what each picture looks like", () => {
    for (const [a, b] of [
      ["down", "up"],
      ["down", "none"],
    ] as const) {
      for (const [i, light] of [1, 0.6, 0.8, 1.15].entries()) {
        expect(judge(street(a, light, 12, i + 3), street(a), street(b)).verdict).toBe("before");
        expect(judge(street(b, light, 12, i + 3), street(a), street(b)).verdict).toBe("after");
      }
    }
  });

  it("is neither noise nor a cloud", () => {
    for (const contrast of [0, 8, 40]) {
      for (const arm of ["down", "none"] as const) {
        for (const light of [1, 0.65, 0.8, 1.15]) {
          for (const seed of seeds) {
            const now = street(arm, light, 15, seed + 1, contrast);
            expect(alike(street(arm, 1, 15, seed, contrast), now)).toBe(true);
          }
        }
      }
    }
  }, 30_000);
});
