// Says whether a page's live figures are live, on their way back, or stale, and since when.

import { inWords } from "./local-time.js";

const STALE_AFTER_MS = 10_000;

/** Answers `{state, asOf}`: `state` hears what live-source says, `asOf` the time of each snapshot. */
export function showConnection(page) {
  const place = page.querySelector("[data-connection]");
  const moment = page.querySelector("[data-as-of]");
  let lostAt = null;
  let timer;

  function say(state, words) {
    if (place.dataset.state === state && place.textContent === words) return;
    place.dataset.state = state;
    place.textContent = words;
  }

  return {
    state(state) {
      clearTimeout(timer);
      if (state === "live") {
        lostAt = null;
        return say("live", "Live");
      }
      lostAt ??= new Date();
      const since = lostAt;
      const isStale = Date.now() - since >= STALE_AFTER_MS;
      if (isStale) return say("stale", `Stale since ${inWords(since, "time")}, reconnecting`);
      say("waiting", "Reconnecting");
      timer = setTimeout(() => say("stale", `Stale since ${inWords(since, "time")}, reconnecting`), STALE_AFTER_MS);
    },
    refused() {
      clearTimeout(timer);
      say("off", "Not connected");
    },
    asOf(at) {
      moment.textContent = `as of ${inWords(at, "time")}`;
    },
  };
}
