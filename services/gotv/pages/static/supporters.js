// The live list of supporters, by level and state, and what others said about voters.

import { Problem, ask } from "./api.js";
import { element } from "./element.js";
import { SUPPORT } from "./labels.js";
import { listen } from "./live-source.js";
import { inWords } from "./local-time.js";
import { showHearsay } from "./hearsay.js";

const page = document.querySelector("[data-supporters]");
const path = `/gotv/campaigns/${encodeURIComponent(page.dataset.campaign)}/supporters`;
const part = (name) => page.querySelector(`[data-${name}]`);
const filters = part("filters");

let cursor = null;
let asked = 0; // Only the latest question may fill the list.
let paged = false;

function query(extra = {}) {
  const chosen = { level: filters.elements.level.value, state: filters.elements.state.value, ...extra };
  return new URLSearchParams(Object.entries(chosen).filter(([, value]) => value)).toString();
}

function row(voter) {
  return element("tr", { "data-voter": voter.voter_id },
    element("th", { scope: "row" }, voter.name ?? voter.voter_id),
    element("td", {}, element("span", { class: `level level-${voter.level}` }, SUPPORT[voter.level] ?? SUPPORT.unsure)),
    element("td", {}, [voter.city, voter.state].filter(Boolean).join(", ")),
    element("td", {}, element("time", { datetime: voter.identified_at }, inWords(voter.identified_at))));
}

async function load({ more = false } = {}) {
  const question = ++asked;
  try {
    const { body } = await ask("GET", `${path}?${query(more ? { cursor } : {})}`);
    if (question !== asked) return;
    paged = more;
    cursor = body.next_cursor;
    const rows = body.items.map(row);
    if (more) part("rows").append(...rows);
    else part("rows").replaceChildren(...rows);
    part("as-of").textContent = `as of ${inWords(body.as_of, "time")}`;
    showProblem(null);
  } catch (error) {
    if (question !== asked) return;
    showProblem(error.message);
    if (error instanceof Problem && [401, 403, 404].includes(error.status)) return "refused";
  } finally {
    if (question === asked) showState();
  }
}

function showState() {
  const listed = part("rows").rows.length > 0;
  const troubled = !part("problem").hidden;
  part("loading").hidden = true;
  part("list").hidden = !listed;
  part("empty").hidden = listed || troubled;
  part("more").hidden = !cursor;
}

function showProblem(sentence) {
  part("problem").querySelector("p").textContent = sentence ?? "";
  part("problem").hidden = !sentence;
}

function showConnection(state) {
  part("connection").dataset.state = state;
  part("connection").textContent = state === "live" ? "Live" : "Reconnecting";
}

function filtersChanged() {
  const csv = part("csv");
  if (csv) csv.search = query();
  load();
}

async function start() {
  const hearsay = showHearsay(page);
  if ((await load()) === "refused") {
    part("connection").textContent = "Not connected";
    return;
  }
  // A reader who paged down keeps the page; the next filter or reload brings the news.
  listen(`${path}/live`, { message: () => paged || load(), snapshot: () => paged || load() }, showConnection);
  await hearsay;
}

filters.addEventListener("change", filtersChanged);
filters.addEventListener("submit", (event) => event.preventDefault());
part("more").addEventListener("click", () => load({ more: true }));
start();
