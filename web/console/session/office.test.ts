import { describe, expect, it } from "vitest";
import { ownPage, ownWord, widest } from "./office";

const at = (role: string, place: string) => ({ role, place });

describe("where an office begins", () => {
  it("is its own page: the city, its county, its street or community, its compound, its pairings", () => {
    expect(ownPage([at("city-office", "c")])).toBe("/city");
    expect(ownPage([at("county-office", "k")])).toBe("/city/k");
    expect(ownPage([at("street-office", "s")])).toBe("/area/s");
    expect(ownPage([at("community-office", "m")])).toBe("/area/m");
    expect(ownPage([at("manager", "x")])).toBe("/compounds/x");
    expect(ownPage([{ role: "member-unit", unit: "u" }])).toBe("/help");
  });

  it("is a list where there are several, and the city's page for who holds none", () => {
    expect(ownPage([at("manager", "x"), at("manager", "y")])).toBe("/area");
    expect(ownPage([at("community-office", "m"), at("community-office", "n")])).toBe("/area");
    expect(ownPage([at("county-office", "k"), at("county-office", "l")])).toBe("/city");
    expect(ownPage([])).toBe("/city");
  });

  it("is that of the widest role", () => {
    const both = [{ role: "member-unit", unit: "u" }, at("manager", "x"), at("county-office", "k")];
    expect(widest(both)).toEqual({ role: "county-office", reach: "county", places: ["k"] });
    expect(ownPage(both)).toBe("/city/k");
    expect(ownWord(both)).toBe("mine.menu.county");
  });

  it("is called by what it is", () => {
    expect(ownWord([at("street-office", "s")])).toBe("mine.menu.street");
    expect(ownWord([at("community-office", "m")])).toBe("mine.menu.community");
    expect(ownWord([at("manager", "x"), at("manager", "y")])).toBe("mine.menu.compounds");
    expect(ownWord([{ role: "member-unit", unit: "u" }])).toBe("pairing.title");
  });
});
