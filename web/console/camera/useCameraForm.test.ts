import { beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";

const server = vi.hoisted(() => ({ sent: [] as Record<string, unknown>[], reply: () => {}, keep: 1 }));
vi.mock("../api/events", () => ({ journal: { on: () => () => {} }, RESET: "reset" }));
vi.mock("../words", () => ({ words: { global: { locale: { value: "zh" } } } }));
vi.mock("../api/client", () => ({
  api: {
    GET: async (path: string) => {
      if (path !== "/api/camera-choices") return { devices: [] };
      const bases = [{ key: "public-security", least_days: 30, most_days: 90 }, { key: "owners" }];
      return { bases, area_kinds: [], retention_days: server.keep };
    },
    POST: (_: string, { body }: { body: Record<string, unknown> }) => {
      server.sent.push(body);
      return new Promise((done) => {
        server.reply = () => done({ ...body, id: "c1", warnings: [] });
      });
    },
  },
  ask: (reply: unknown) => reply,
}));

import { useCameraForm } from "./useCameraForm";

describe("the form of a new camera", () => {
  beforeEach(() => {
    server.sent.length = 0;
    vi.spyOn(console, "warn").mockImplementation(() => {}); // there is no component to let go with
  });
  async function fresh() {
    const state = effectScope().run(() => useCameraForm(undefined, () => "zh"))!;
    await vi.waitFor(() => expect(state.form.retention_main_days).toBe(server.keep));
    return state;
  }

  it("says before anything is saved that the basis asks for more days than are proposed", async () => {
    const { form, short } = await fresh();
    expect(short.value).toBeUndefined();
    form.basis = "public-security";
    expect(short.value).toEqual({ least: 30, longest: 1 });
    form.retention_sub_days = 30; // of a stream that is not there
    expect(short.value).toEqual({ least: 30, longest: 1 });
    form.sub = "rtsp://192.0.2.7/sub";
    expect(short.value).toBeUndefined();
    form.basis = "owners";
    form.retention_sub_days = 1;
    expect(short.value).toBeUndefined();
  });

  it("keeps what was typed while it was being saved as not saved", async () => {
    const { form, dirty, save } = await fresh();
    expect(dirty()).toBe(false);
    form.name = "北门";
    const saving = save.run();
    form.sign = "此处有摄像机";
    server.reply();
    await saving;
    await nextTick();
    expect(server.sent[0]).toMatchObject({ name: "北门", sign: "" });
    expect(dirty()).toBe(true);
    form.sign = "";
    expect(dirty()).toBe(false);
  });
});
