// The calls of a campaign, the latest first, by phone bank and ending; from here one is put right.

import { ask } from "./api.js";
import { element } from "./element.js";
import { ENDINGS, endingInWords, short } from "./endings.js";
import { inWords } from "./local-time.js";

const ROWS_MAX = 1_000;

const page = document.querySelector("[data-calls]");
const campaign = encodeURIComponent(page.dataset.campaign);
const part = (name) => page.querySelector(`[data-${name}]`);
const filters = part("filters");

let cursor = null;
let asked = 0; // Only the latest question may fill the list.

function query(extra = {}) {
  const { bank, disposition, corrected } = filters.elements;
  const chosen = { bank: bank.value, disposition: disposition.value, corrected: corrected.checked ? "true" : "", ...extra };
  return new URLSearchParams(Object.entries(chosen).filter(([, value]) => value)).toString();
}

function when(at) {
  return element("time", { datetime: at, title: inWords(at, "full") }, inWords(at));
}

function ending(call) {
  const mended = call.corrected;
  return [
    element("span", { class: "badge" }, endingInWords(call.disposition)),
    mended && element("p", { class: "quiet small" }, mended.disposition_was === call.disposition ? "Corrected" : `Was ${endingInWords(mended.disposition_was)}, corrected`,
      mended.by === "lead" ? " by a lead, " : " by the caller, ", when(mended.at)),
  ];
}

function answered(count) {
  return count === 1 ? "1 answer" : count ? `${count} answers` : "No answer";
}

function putRight(call) {
  if (!call.counts) return element("span", { class: "quiet small" }, "Another result counts");
  const path = `/campaigns/${campaign}/calls/${encodeURIComponent(call.call_id)}?voter=${encodeURIComponent(call.voter_id)}`;
  return element("a", { href: path, "aria-label": `Correct the call of ${inWords(call.called_at)}` }, "Correct");
}

function row(call) {
  return element("tr", { class: call.counts ? null : "replaced", "data-call": call.call_id, "data-voter": call.voter_id },
    element("th", { scope: "row" }, when(call.called_at)),
    element("td", { class: "ended-as" }, ending(call)),
    element("td", {}, call.voter_name ?? element("span", { class: "voter-id" }, short(call.voter_id))),
    element("td", {}, element("span", { class: "caller-id" }, `Caller ${short(call.caller_id)}`)),
    element("td", { class: "figure" }, answered(call.answers)),
    element("td", { class: "put-right" }, putRight(call)));
}

async function load({ more = false } = {}) {
  const question = ++asked;
  try {
    const { body } = await ask("GET", `/results/campaigns/${campaign}/calls?${query(more ? { cursor } : {})}`);
    if (question !== asked) return;
    cursor = body.next_cursor;
    const rows = body.items.map(row);
    if (more) part("rows").append(...rows);
    else part("rows").replaceChildren(...rows);
    part("as-of").textContent = `as of ${inWords(body.as_of, "time")}`;
    showProblem(null);
  } catch (error) {
    if (question === asked) showProblem(error.message);
  } finally {
    if (question === asked) showState();
  }
}

function showProblem(sentence) {
  part("problem").querySelector("p").textContent = sentence ?? "";
  part("problem").hidden = !sentence;
}

function showState() {
  const count = part("rows").rows.length;
  const listed = count > 0;
  part("loading").hidden = true;
  part("list").hidden = !listed;
  part("empty").hidden = listed || !part("problem").hidden;
  part("more").hidden = !cursor || count >= ROWS_MAX;
  part("too-many").hidden = !cursor || count < ROWS_MAX;
}

function start() {
  filters.elements.disposition.append(...ENDINGS.map(([value, label]) => element("option", { value }, label)));
  const wanted = new URLSearchParams(location.search);
  for (const name of ["bank", "disposition"]) filters.elements[name].value = wanted.get(name) ?? "";
  // A bank that is not in the list, or an ending that is none: all are shown.
  for (const name of ["bank", "disposition"]) if (filters.elements[name].selectedIndex < 0) filters.elements[name].value = "";
  filters.elements.corrected.checked = wanted.get("corrected") === "true";
  load();
}

filters.addEventListener("change", () => {
  const chosen = query();
  history.replaceState(null, "", chosen ? `?${chosen}` : location.pathname);
  load();
});
filters.addEventListener("submit", (event) => event.preventDefault());
part("more").addEventListener("click", () => load({ more: true }));
start();
