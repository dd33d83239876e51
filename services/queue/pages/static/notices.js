// What interrupts a call: the voter was withdrawn, the lease is ending, a result could not be sent.

import { element } from "./element.js";

const WITHDRAWN = {
  voted: "has voted: thank them or skip.",
  do_not_call: "asked never to be called again. Please say thank you and goodbye, or skip.",
  refused: "asked to be left alone. Please say thank you and goodbye, or skip.",
  deceased: "was reported as deceased. Please skip.",
  moved: "has moved away. Please thank them or skip.",
  wrong_number: "does not live at this number. Please skip.",
  retired_line: "can no longer be reached at this number. Please skip.",
  taken: "is being called by somebody else. Please skip.",
};

/** Says why the voters were taken off the screen; a result that is saved all the same still counts. */
export function showWithdrawn(place, { reason, voter_ids: ids = null }, voters, skip) {
  const named = voters.filter((voter) => ids === null || ids.includes(voter.voter_id)).map((voter) => voter.name);
  const sentence = WITHDRAWN[reason] ?? "should not be called now. Please thank them or skip.";
  place.replaceChildren(element("div", { class: "notice notice-warning" },
    element("p", { class: "notice-title" }, `${named.join(" and ") || "This voter"} ${named.length > 1 ? sentence.replace(/^has /, "have ").replace(/^is /, "are ").replace(/^was /, "were ").replace(/^does /, "do ") : sentence}`),
    element("p", {}, "If you already spoke, save the result: it counts."),
    element("p", {}, element("button", { class: "button button-primary button-small", type: "button", onclick: skip }, "Skip to the next voter"))));
}

const LEASE = {
  ending: ["Still on this call?", "Without a sign from you, this voter goes to another caller in two minutes.", "Yes, I am here"],
  over: ["This voter went back to the list", "If you called, save the result: it still counts.", null],
};

/** Shows the state of the lease: nothing while it is `held`. */
export function showLease(place, state, stay) {
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  if (!LEASE[state]) return place.replaceChildren();
  const [title, sentence, button] = LEASE[state];
  place.replaceChildren(element("div", { class: "notice notice-warning" },
    element("p", { class: "notice-title" }, title),
    element("p", {}, sentence),
    button ? element("p", {}, element("button", { class: "button button-secondary button-small", type: "button", onclick: stay }, button)) : ""));
}

/** Says what is still on this device: results that wait, and results the server declined for good. */
export function showOutbox(place, entries, outbox) {
  const waiting = entries.filter((entry) => entry.late && !entry.refusal).length;
  const refused = entries.filter((entry) => entry.refusal);
  place.replaceChildren(
    waiting ? element("p", { class: "notice", role: "status" }, waiting === 1
      ? "1 result is kept on this device and will be sent by itself."
      : `${waiting} results are kept on this device and will be sent by themselves.`) : "",
    ...refused.map((entry) => element("div", { class: "notice notice-danger", role: "alert" },
      element("p", {}, `A result could not be saved: ${entry.refusal}`),
      element("p", {}, element("button", { class: "button button-secondary button-small", type: "button", onclick: () => outbox.drop(entry.key) }, "Discard it")))));
}

export function showConnection(place, state) {
  place.dataset.state = state;
  place.replaceChildren(element("span", {}, state === "live" ? "Connected" : "Connecting"));
}

export function showProblem(place, sentence) {
  place.replaceChildren(sentence ? element("p", {}, sentence) : "");
  place.hidden = !sentence;
}
