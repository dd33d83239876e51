// Keeps an assignment open while the caller works, and hears when it is taken away.

import { Offline, ask, newKey } from "./api.js";
import { serverNow } from "./clock.js";
import { listen } from "./live-source.js";

const HEARTBEAT_MS = 60_000;
const WATCH_MS = 5_000;
const QUIET_MS = 5 * 60_000; // A conversation may go on this long without a touch.
const WARN_MS = 2 * 60_000;
const SIGNS_OF_WORK = ["pointerdown", "keydown", "input", "scroll", "visibilitychange"];

let lastSign = Date.now();
for (const sign of SIGNS_OF_WORK) document.addEventListener(sign, () => (lastSign = Date.now()), { passive: true, capture: true });

/** Whether somebody touched this page lately. */
export function isWorking() {
  return Date.now() - lastSign < QUIET_MS;
}

/**
 * Watches one assignment. `on.withdrawn({reason, voter_ids?})`, `on.lease(state)` with `held`,
 * `ending` or `over`, `on.connection(state)`. Answers `{extend, stop}`.
 */
export function keepOpen(assignment, on) {
  const path = `/queue/assignments/${encodeURIComponent(assignment.assignment_id)}`;
  let expiresAt = Date.parse(assignment.lease_expires_at);
  let gone = false;

  function extended(answer) {
    if (answer?.lease_expires_at) expiresAt = Date.parse(answer.lease_expires_at);
    watch();
  }

  async function extend() {
    try {
      const { body } = await ask("POST", `${path}/heartbeat`, { body: {}, key: newKey() });
      extended(body);
    } catch (error) {
      // Only a plain no means that the line went back; anything else is tried again in a minute.
      if (error instanceof Offline || error.isPassing || ![403, 404, 409, 410].includes(error.status)) return;
      gone = true;
      watch();
    }
  }

  function watch() {
    const left = expiresAt - serverNow().getTime();
    on.lease(gone || left <= 0 ? "over" : left < WARN_MS ? "ending" : "held");
  }

  const stopListening = listen(`${path}/live`, {
    withdrawn: on.withdrawn,
    lease: extended,
  }, on.connection);
  const heartbeat = setInterval(() => isWorking() && !gone && extend(), HEARTBEAT_MS);
  const watching = setInterval(watch, WATCH_MS);
  watch();
  return {
    extend,
    stop() {
      stopListening();
      clearInterval(heartbeat);
      clearInterval(watching);
    },
  };
}
