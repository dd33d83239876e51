// One phone bank, live: every message is a whole snapshot, so a missed one costs nothing.

import { ask } from "./api.js";
import { showBars } from "./bars.js";
import { DISPOSITIONS, SUPPORT } from "./labels.js";
import { listen } from "./live-source.js";
import { inWords } from "./local-time.js";

const page = document.querySelector("[data-dashboard]");
const path = `/gotv/phone-banks/${encodeURIComponent(page.dataset.bank)}/dashboard`;
const part = (name) => page.querySelector(`[data-${name}]`);

function show(snapshot) {
  for (const place of page.querySelectorAll("[data-figure]")) {
    place.textContent = snapshot[place.dataset.figure].toLocaleString();
  }
  part("as-of").textContent = `as of ${inWords(snapshot.as_of, "time")}`;
  part("empty").hidden = snapshot.calls > 0;
  showBars(part("support"), Object.entries(SUPPORT).map(([level, label]) => [`support-${level}`, label, snapshot.support[level] ?? 0]));
  const ended = Object.keys(DISPOSITIONS).filter((each) => snapshot.dispositions[each]);
  showBars(part("dispositions"), ended.map((each) => [each, DISPOSITIONS[each], snapshot.dispositions[each]]));
  showBars(part("funnel"), [
    ["attempts", "Attempts", snapshot.attempts],
    ["contacts", "Contacts", snapshot.contacts],
    ["ids", "Identified", snapshot.ids],
  ]);
  showBars(part("left"), [
    ["now", "Now", snapshot.left.now],
    ["later", "Later", snapshot.left.later],
    ["exhausted", "Exhausted", snapshot.left.exhausted],
  ]);
}

function showConnection(state) {
  part("connection").dataset.state = state;
  part("connection").textContent = state === "live" ? "Live" : "Reconnecting";
}

function showProblem(sentence) {
  part("problem").querySelector("p").textContent = sentence ?? "";
  part("problem").hidden = !sentence;
}

async function start() {
  try {
    show((await ask("GET", path)).body);
  } catch (error) {
    showProblem(error.message);
    if (error.status >= 400 && error.status < 500) return showRefused();
  }
  const take = (snapshot) => {
    showProblem(null);
    show(snapshot);
  };
  listen(`${path}/live`, { message: take, snapshot: take }, showConnection);
}

function showRefused() {
  part("connection").textContent = "Not connected";
}

start();
