import { expect, test, vi } from "vitest";
import { Journal, type JournalEvent, parseEvent } from "./events";

const wire = (seq: number, kind: string) =>
  JSON.stringify({ seq, at: "", room: kind.split(".")[0], kind, subject: "", data: {} });

test("listeners hear their kind, their room, or everything", () => {
  const journal = new Journal();
  const heard: string[] = [];
  const note = (who: string) => (e: JournalEvent) => heard.push(`${who}:${e.seq}`);
  journal.on("look.ended", note("kind"));
  const stop = journal.on("look.*", note("room"));
  journal.on("*", note("all"));
  journal.take(wire(1, "look.ended"));
  stop();
  journal.take(wire(2, "look.begun"));
  journal.take("no json");
  expect(heard).toEqual(["kind:1", "room:1", "all:1", "all:2"]);
});

test("an event whose time nobody knew says so", () => {
  expect(parseEvent(wire(7, "look.begun"))).not.toHaveProperty("unconfirmed");
  expect(parseEvent(JSON.stringify({ ...JSON.parse(wire(7, "look.begun")), unconfirmed: true }))).toHaveProperty(
    "unconfirmed",
    true,
  );
});

test("after a reset the page goes on from the number it names, lower ones too", () => {
  const opened: string[] = [];
  vi.stubGlobal(
    "EventSource",
    class {
      static CLOSED = 2;
      readyState = 2;
      onerror: (() => void) | null = null;
      constructor(url: string) {
        opened.push(url);
        latest = this;
      }
      close() {}
    },
  );
  let latest: { onerror: (() => void) | null } | undefined;
  vi.useFakeTimers();
  try {
    const journal = new Journal("/e");
    journal.open();
    journal.take(wire(900, "camera.health"));
    journal.take(wire(12, "journal.reset"));
    latest?.onerror?.();
    vi.advanceTimersByTime(6000);
    expect(opened).toEqual(["/e", "/e?after=12"]);
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});
