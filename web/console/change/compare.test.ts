import { describe, expect, it } from "vitest";
import { distance, judge, type Pixels, print, SAME } from "./compare";

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
