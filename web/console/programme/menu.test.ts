import { describe, expect, it } from "vitest";
import { offered } from "./menu";

const everything = (_: string) => true;
const of = (to: string, reach: Parameters<typeof offered>[1], may = everything) =>
  offered({ to, word: "own" }, reach, may).map((m) => m.to);

describe("the bar of the programme's pages", () => {
  it("begins with the own page, which is in it once", () => {
    expect(of("/city", "city")[0]).toBe("/city");
    expect(of("/city", "city").filter((to) => to === "/city")).toHaveLength(1);
    expect(of("/city/k", "county").slice(0, 2)).toEqual(["/city/k", "/city"]);
    expect(of("/help", "unit").filter((to) => to === "/help")).toHaveLength(1);
  });

  it("leaves out what a compound's manager or a community has no use for", () => {
    for (const to of ["/city", "/screen", "/bulletin", "/indicators", "/returns"]) {
      expect(of("/compounds/x", "compound")).not.toContain(to);
      expect(of("/area/m", "area")).not.toContain(to);
      expect(of("/city", "city")).toContain(to);
    }
    expect(of("/area/m", "area")).toContain("/places");
    expect(of("/compounds/x", "compound")).not.toContain("/places");
  });

  it("offers the set-up to who sets up, the city and who keeps the machine", () => {
    for (const reach of ["city", "none"] as const) expect(of("/city", reach)).toContain("/programme");
    for (const reach of ["county", "area", "compound", "unit"] as const)
      expect(of("/area/m", reach)).not.toContain("/programme");
  });

  it("asks for the permission, too", () => {
    expect(of("/area/m", "area", (p) => p === "supervision.read")).toEqual(["/tasks"]);
    expect(of("/compounds/x", "compound", (p) => p !== "place.keep")).not.toContain("/lists");
  });
});
