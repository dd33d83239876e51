// A live board: whole snapshots, so that a missed one costs nothing, drawn in place.

import { ask } from "./api.js";
import { showBars } from "./bars.js";
import { showConnection, watch } from "./connection.js";
import { element } from "./element.js";
import { eveningChart } from "./evening-chart.js";
import { DISPOSITIONS, FUNNEL, SUPPORT } from "./labels.js";
import { inWords } from "./local-time.js";

/** Keeps `page` showing what `path` says; `more(snapshot, part)` shows what only this board has. */
export async function keepShowing(page, path, more) {
  const part = (name) => page.querySelector(`[data-${name}]`);
  const connection = showConnection(page);
  const showEvening = eveningChart(page);

  function show(snapshot) {
    for (const place of page.querySelectorAll("[data-figure]")) {
      place.textContent = snapshot[place.dataset.figure].toLocaleString();
    }
    connection.asOf(snapshot.as_of);
    part("empty").hidden = snapshot.calls > 0;
    showEvening(snapshot.series);
    showBars(part("support"), Object.entries(SUPPORT).map(([level, label]) => [`support-${level}`, label, snapshot.support[level] ?? 0]));
    const ended = Object.keys(DISPOSITIONS).filter((each) => snapshot.dispositions[each] > 0);
    showBars(part("dispositions"), ended.map((each) => [each, DISPOSITIONS[each], snapshot.dispositions[each]]));
    showBars(part("funnel"), Object.entries(FUNNEL).map(([name, label]) => [name, label, snapshot[name]]));
    showOrganizations(part, snapshot.organizations);
    showHands(part("hands"), snapshot.hands);
    more(snapshot, part);
  }

  function showProblem(sentence) {
    part("problem").querySelector("p").textContent = sentence ?? "";
    part("problem").hidden = !sentence;
  }

  function take(snapshot) {
    showProblem(null);
    show(snapshot);
  }

  try {
    show((await ask("GET", path)).body);
  } catch (error) {
    const isRefused = error.status >= 400 && error.status < 500;
    showProblem(isRefused ? error.message : `${error.message} This page keeps trying by itself.`);
    if (isRefused) return connection.refused();
  }
  watch(path, path, take, connection, (refusal) => showProblem(refusal.message));
}

function showHands(place, { raised, since }) {
  place.hidden = raised === 0;
  const words = raised ? `${raised === 1 ? "One caller asks" : `${raised.toLocaleString()} callers ask`} for help, the first since ${inWords(since, "time")}.` : "";
  // Said once: a status that is written anew is read aloud anew.
  if (place.textContent !== words) place.textContent = words;
}

function showOrganizations(part, organizations) {
  part("organizations-empty").hidden = organizations.length > 0;
  part("organizations").closest("table").hidden = organizations.length === 0;
  part("organizations").replaceChildren(...organizations.map((each) => element("tr", {},
    element("th", { scope: "row" }, each.name ?? (each.organization_id ? "An organization that is new here" : "On their own")),
    element("td", { class: "figure" }, each.callers_active.toLocaleString()),
    element("td", { class: "figure" }, each.calls.toLocaleString()))));
}
