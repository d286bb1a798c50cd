import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it, vi } from "vitest";

const asked: string[] = [];
let answer: (body: unknown) => void = () => {};
vi.mock("../api/client", () => ({
  api: {
    GET: (path: string) => {
      asked.push(path);
      return new Promise((done) => {
        answer = done;
      });
    },
  },
  ask: (reply: Promise<unknown>) => reply,
}));
vi.mock("../api/events", () => ({ RESET: "reset", journal: { on: () => () => {} } }));
vi.mock("../words", () => ({ language: () => "zh", words: { global: { locale: { value: "zh" } } } }));
const { useProgramme } = await import("./programme");
const { useLayout } = await import("./layout");

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  asked.length = 0;
});

it("the parts of a page that all need the programme ask once, and none asks when it is there", async () => {
  const programme = useProgramme();
  for (let i = 0; i < 4; i++) programme.use();
  expect(asked).toEqual(["/api/programme"]);
  answer({ today: "2017-09-27" });
  await vi.waitFor(() => expect(programme.today).toBe("2017-09-27"));
  programme.use();
  expect(asked).toEqual(["/api/programme"]);
});

it("the same for where the counties stand on the map", async () => {
  const layout = useLayout();
  for (let i = 0; i < 3; i++) layout.use();
  expect(asked).toEqual(["/api/tiles"]);
  answer({ tiles: [] });
  await vi.waitFor(() => expect(layout.ready).toBe(true));
  layout.use();
  expect(asked).toEqual(["/api/tiles"]);
});

it("what could not be read is asked for again by the next page", async () => {
  const programme = useProgramme();
  programme.use();
  answer(Promise.reject(new Error("away")));
  await vi.waitFor(() => expect(programme.problem).not.toBeNull());
  programme.use();
  expect(asked).toEqual(["/api/programme", "/api/programme"]);
});
