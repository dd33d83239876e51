// The calls of a campaign, the latest first, by phone bank and ending; from here one is put right.

import { element } from "./element.js";
import { ENDINGS, endingInWords, short } from "./endings.js";
import { inWords } from "./local-time.js";
import { PagedList } from "./paged-list.js";

const page = document.querySelector("[data-calls]");
const campaign = encodeURIComponent(page.dataset.campaign);
const part = (name) => page.querySelector(`[data-${name}]`);
const filters = part("filters");

const list = new PagedList(page, `/results/campaigns/${campaign}/calls`, {
  query,
  row,
  isFiltered: () => query() !== "",
  asking: () => (body) => (part("as-of").textContent = `as of ${inWords(body.as_of, "time")}`),
});

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

function start() {
  filters.elements.disposition.append(...ENDINGS.map(([value, label]) => element("option", { value }, label)));
  const wanted = new URLSearchParams(location.search);
  for (const name of ["bank", "disposition"]) filters.elements[name].value = wanted.get(name) ?? "";
  // A bank that is not in the list, or an ending that is none: all are shown.
  for (const name of ["bank", "disposition"]) if (filters.elements[name].selectedIndex < 0) filters.elements[name].value = "";
  filters.elements.corrected.checked = wanted.get("corrected") === "true";
  list.load();
}

function follow() {
  const chosen = query();
  history.replaceState(null, "", chosen ? `?${chosen}` : location.pathname);
  list.load();
}

filters.addEventListener("change", follow);
filters.addEventListener("submit", (event) => event.preventDefault());
part("clear").addEventListener("click", () => {
  filters.reset();
  follow();
  filters.elements.bank.focus();
});
start();
