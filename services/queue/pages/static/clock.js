// The server's time, so that a device with a wrong clock still shows the voter's right one.

let offsetMs = 0;

/** Takes a moment the server just named as now; anything unreadable leaves the device's clock. */
export function setServerTime(at) {
  const moment = Date.parse(at);
  if (!Number.isNaN(moment)) offsetMs = moment - Date.now();
}

export function serverNow() {
  return new Date(Date.now() + offsetMs);
}

function offsetOf(moment, zone) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(moment);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(moment / 1000) * 1000;
}

/** What the clock on the wall in `zone` shows at `moment`, as a datetime-local value. */
export function wallTime(moment, zone) {
  return new Date(moment.getTime() + offsetOf(moment.getTime(), zone)).toISOString().slice(0, 16);
}

/** The moment at which the wall clock in `zone` shows `local`, as an ISO string in UTC. */
export function momentOf(local, zone) {
  const wall = Date.parse(`${local}Z`);
  // Twice, for the offset at the first guess may be the other side of a clock change.
  const guess = wall - offsetOf(wall, zone);
  return new Date(wall - offsetOf(guess, zone)).toISOString();
}
