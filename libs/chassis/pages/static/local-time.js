// Shows every <time data-show> in the reader's own zone, or in the one of data-zone.

const STYLES = {
  time: { hour: "numeric", minute: "2-digit" },
  zoned: { hour: "numeric", minute: "2-digit", timeZoneName: "short" },
  date: { weekday: "short", month: "short", day: "numeric" },
  datetime: { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
  full: { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" },
};

/** A moment in words; `zone` is an IANA name, the reader's own when left out. */
export function inWords(at, show = "datetime", zone = undefined) {
  const date = at instanceof Date ? at : new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const style = STYLES[show] ?? STYLES.datetime;
  try {
    return new Intl.DateTimeFormat(undefined, { ...style, timeZone: zone || undefined }).format(date);
  } catch {
    return new Intl.DateTimeFormat(undefined, style).format(date); // A zone this browser does not know.
  }
}

/** The reader's zone, as an IANA name. */
export function readersZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Rewrites the <time> elements under `root`; safe to repeat. */
export function showTimes(root = document) {
  for (const time of root.querySelectorAll("time[data-show]")) {
    time.textContent = inWords(time.dateTime, time.dataset.show, time.dataset.zone);
    time.title = inWords(time.dateTime, "full", time.dataset.zone);
  }
}
