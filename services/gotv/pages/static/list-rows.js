// One row of each kind of list: who, where they stand, and when.

import { element } from "./element.js";
import { SUPPORT } from "./labels.js";
import { inWords } from "./local-time.js";

function when(at) {
  return element("time", { datetime: at, title: inWords(at, "full") }, inWords(at));
}

function level(of) {
  if (of === null || of === undefined) return "";
  return element("span", { class: `level level-${of}` }, SUPPORT[of] ?? SUPPORT.unsure);
}

function place(voter) {
  return [voter.city, voter.state].filter(Boolean).join(", ");
}

/** What a cell is, for a phone's rows, which have no head line above them. */
const labels = Array.from(document.querySelectorAll("[data-list] thead th"), (head) => head.textContent).slice(1);

function cells(...contents) {
  return contents.map((content, at) => element("td", { "data-label": labels[at] }, content));
}

const STANDINGS = {
  upcoming: ["badge", "Ahead"],
  due: ["badge badge-warning", "Due now"],
  overdue: ["badge badge-danger", "Overdue"],
  kept: ["badge badge-good", "Kept"],
};

function standing(promise) {
  const [kind, label] = STANDINGS[promise.standing];
  return [
    element("span", { class: kind }, label),
    promise.kept_at ? element("span", { class: "quiet small" }, " ", when(promise.kept_at)) : null,
    promise.may_be_called || promise.kept_at ? null : element("span", { class: "quiet small" }, " not to be called any more"),
  ];
}

function bySupport(voter) {
  return cells(level(voter.level), place(voter), when(voter.identified_at));
}

const ROWS = {
  supporters: bySupport,
  undecided: bySupport,
  "non-supporters": bySupport,
  volunteers: (voter, names) => cells(level(voter.level), place(voter), when(voter.found_at), [names.bank(voter.bank_id), names.caller(voter.caller_id)]),
  promises: (promise, names) => cells(when(promise.call_at), standing(promise),
    [promise.question ? element("p", { class: "prose" }, promise.question) : null, promise.number ? element("p", { class: "quiet small" }, `New number: ${promise.number}`) : null],
    place(promise), [names.bank(promise.bank_id), names.caller(promise.caller_id)]),
  hearsay: (heard, names) => cells([
    element("p", { class: "prose" }, `“${heard.text}”`),
    heard.taken_back_at ? element("span", { class: "badge badge-warning" }, "Taken back by a correction") : null,
  ], place(heard), when(heard.heard_at), [names.bank(heard.bank_id), names.caller(heard.caller_id)]),
};

/** Answers a function that makes a table row of an item of this kind. */
export function rowsOf(kind, campaign, bankNames) {
  const names = {
    bank: (id) => element("span", {}, bankNames.get(id) ?? "A phone bank that is new here"),
    caller: (id) => element("span", { class: "quiet small by-caller" }, ` Caller ${String(id).slice(-6)}`),
  };
  return (item) => element("tr", { "data-voter": item.voter_id },
    element("th", { scope: "row" },
      element("a", { href: `/campaigns/${encodeURIComponent(campaign)}/voters/${encodeURIComponent(item.voter_id)}` }, item.name ?? "A person who was erased")),
    ROWS[kind](item, names));
}
