import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";

interface Said {
  duration?: number;
  message: unknown;
  onClose?: () => void;
}
const world = vi.hoisted(() => ({
  may: true,
  refuse: {} as Record<string, unknown>,
  deleted: [] as string[],
  good: [] as unknown[],
  bad: [] as unknown[],
}));
vi.mock("element-plus", () => ({
  ElButton: {},
  ElMessage: {
    success: (said: string | Said) => {
      world.good.push(said);
      return { close: () => (said as Said).onClose?.() };
    },
    error: (said: string) => void world.bad.push(said),
  },
}));
vi.mock("vue-i18n", () => ({
  useI18n: () => ({
    t: (key: string, values?: object) => (values ? `${key} ${Object.values(values).join("|")}` : key),
  }),
}));
vi.mock("../session/session", () => ({ useSession: () => ({ may: () => world.may }) }));
vi.mock("../api/client", () => ({
  api: { DELETE: async (_: string, q: { params: { path: { id: string } } }) => q.params.path.id },
  ask: async (reply: Promise<string>) => {
    const id = await reply;
    if (world.refuse[id]) throw world.refuse[id];
    world.deleted.push(id);
  },
}));

import { useMarked } from "./marked";

const page = new EventTarget();
let dialog: object | null = null;
const settled = () => new Promise((done) => setTimeout(done));
async function press(key: string, more: object = {}): Promise<void> {
  page.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key, ...more }));
  await settled();
}
const kept = ["gate", "road", "yard"].map((name) => ({ id: `h-${name}`, name }));

beforeEach(() => {
  Object.assign(world, { may: true, refuse: {}, deleted: [], good: [], bad: [] });
  dialog = null;
  vi.stubGlobal("window", page);
  vi.stubGlobal("HTMLElement", class {});
  vi.stubGlobal("document", { querySelector: () => dialog });
});
afterEach(() => vi.unstubAllGlobals());

describe("a mark that is taken back", () => {
  it("by a key, as long as its message stands; the latest first", async () => {
    const marked = useMarked();
    marked("gate is kept", [kept[0]!]);
    marked("road is kept", [kept[1]!]);
    await press("u", { ctrlKey: true }); // the browser's own
    dialog = {}; // somebody is asked something
    await press("u");
    dialog = null;
    expect(world.deleted).toEqual([]);
    await press("U");
    expect(world.deleted).toEqual(["h-road"]);
    await press("u");
    expect(world.deleted).toEqual(["h-road", "h-gate"]);
    marked("yard is kept", [kept[2]!]);
    (world.good[world.good.length - 1] as Said).onClose!(); // its eight seconds are over
    await press("u");
    expect(world.deleted).toHaveLength(2);
  });

  it("is undone where somebody has ended the hold meanwhile", async () => {
    world.refuse = { "h-road": new Problem(404, "archive.no-hold", "没有这项留存") };
    useMarked()("three are kept", kept);
    await press("u");
    expect([world.bad, world.good[1]]).toEqual([[], "wall.mark-undone"]);
  });

  it("names those that could not be, when all have answered", async () => {
    world.refuse = { "h-road": new Problem(503, "busy", "稍后再试") };
    useMarked()("three are kept", kept);
    await press("u");
    expect([world.deleted, world.bad]).toEqual([["h-gate", "h-yard"], ["wall.undone-part 2|1|road"]]);
  });

  it("says in the reader's words that it was not, whatever an error says to programmers", async () => {
    world.refuse = { "h-gate": new Problem(0, "unreachable", "Failed to fetch") };
    useMarked()("gate is kept", [kept[0]!]);
    await press("u");
    world.refuse = { "h-gate": new Problem(403, "no", "无权解除") };
    useMarked()("gate is kept", [kept[0]!]);
    await press("u");
    expect(world.bad).toEqual(["wall.mark-not-undone", "无权解除"]);
  });

  it("is not offered to who may not", async () => {
    world.may = false;
    useMarked()("gate is kept", [kept[0]!]);
    await press("u");
    expect([world.good, world.deleted]).toEqual([["gate is kept"], []]);
  });
});
