// The product's zone, in which its days begin: moments are read and written in it, wherever the browser stands.

/** The server's own default, until it has said its zone. */
const HOME = "Asia/Shanghai";
const QUARTER = 900_000;
let zone = HOME;
let written = format(HOME);
const offsets = new Map<number, number>();

function format(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
}

/** The zone that the server keeps its days in. A name that the browser does not know changes nothing. */
export function keepZone(name: string | undefined): void {
  if (!name || name === zone) return;
  try {
    written = format(name);
  } catch {
    return;
  }
  zone = name;
  offsets.clear();
}

/** By how much the zone is ahead of UTC then; clocks are changed at whole quarters of an hour. */
function ahead(ms: number): number {
  const quarter = Math.floor(ms / QUARTER);
  let found = offsets.get(quarter);
  if (found === undefined) {
    const at = quarter * QUARTER;
    const p = Object.fromEntries(written.formatToParts(at).map((x) => [x.type, Number(x.value)]));
    found = Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!) - at;
    if (offsets.size > 5000) offsets.clear();
    offsets.set(quarter, found);
  }
  return found;
}

/** A date whose UTC fields are what the clock on the wall says: to be read with getUTC… only. */
export function wall(t: number | Date | string): Date {
  const ms = new Date(t).getTime();
  return Number.isFinite(ms) ? new Date(ms + ahead(ms)) : new Date(Number.NaN);
}

/** The moment at which the clock on the wall says what these UTC fields say. */
export function instant(said: Date | number): number {
  const ms = new Date(said).getTime();
  return ms - ahead(ms - ahead(ms));
}
