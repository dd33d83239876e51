// Says whether a page's live figures are live, on their way back, or stale, and since when.

import { Problem, ask } from "./api.js";
import { listen } from "./live-source.js";
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

/**
 * Listens at `path`/live with `take` until the reader may no longer: then `refused` hears the
 * problem, which `question` (an address whose answer needs the same permission) tells.
 */
export function watch(path, question, take, connection, refused) {
  const stop = listen(`${path}/live`, { message: take, snapshot: take }, connection.state, async () => {
    const error = await ask("GET", question).catch((problem) => problem);
    if (!(error instanceof Problem) || ![401, 403, 404].includes(error.status)) return;
    stop();
    connection.refused();
    refused(error);
  });
  return stop;
}
