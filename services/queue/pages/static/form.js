// The call's form: who was spoken to, the script's answers, the results.

import { element } from "./element.js";
import { promiseOf } from "./promise.js";
import { Results } from "./results.js";
import { answersShown } from "./script-path.js";
import { showScript } from "./script.js";
import { firstName } from "./voter.js";

/**
 * The form of one assignment in `root`. `draft` is what the caller said so far, `keep(draft)` hears
 * of every change; `prefix` keeps the ids of two forms on one page apart.
 */
export class CallForm {
  constructor(root, assignment, draft, { keep, prefix = "" }) {
    this.root = root;
    this.assignment = assignment;
    this.draft = draft;
    this.keep = () => keep(this.draft);
    this.voters = new Map(assignment.voters.map((voter) => [voter.voter_id, voter]));
    const changed = () => this.#changed();
    this.#showWho(root.querySelector("[data-who]"));
    this.script = root.querySelector("[data-script]");
    this.fold = root.querySelector("[data-script-fold]");
    this.fold.open = !prefix || this.voters.has(draft.spoke_with);
    showScript(this.script, assignment.script, this.draft, (blockId) => this.#answered(blockId));
    if (prefix) keepApart(this.script, prefix);
    this.results = new Results(root.querySelector("[data-results]"), assignment, this.draft, changed, prefix);
    for (const button of this.script.querySelectorAll("[data-promise-wanted]")) button.addEventListener("click", () => this.#promise());
    const quick = root.querySelector("[data-quick]");
    if (quick) this.#showQuick(quick);
    this.#update();
  }

  /** Marks a result by its number key: the whole line where nobody spoke, else the voter in focus. */
  pressed(number) {
    const disposition = this.results.shown[number - 1];
    if (!disposition) return;
    const focused = document.activeElement?.closest?.("[data-voter]")?.dataset.voter;
    const speaker = this.draft.spoke_with;
    if (!focused && disposition.per_line && !this.voters.has(speaker)) {
      this.#markAll(disposition.value);
      return;
    }
    const open = this.assignment.voters.find((voter) => !this.results.of(voter.voter_id).disposition);
    const voterId = focused ?? (this.voters.has(speaker) ? speaker : open?.voter_id ?? this.assignment.voters[0].voter_id);
    this.results.mark(voterId, disposition.value);
  }

  /** What is missing before this can be saved, as a sentence and the element to go to; null if nothing is. */
  missing() {
    if (this.draft.spoke_with === null) {
      return ["Who did you speak with? Please choose first.", this.root.querySelector("[data-who] input")];
    }
    for (const voter of this.assignment.voters) {
      const result = this.results.of(voter.voter_id);
      const panel = this.results.panels.get(voter.voter_id);
      if (!result.disposition) return [`How did it end for ${voter.name}? Please choose a result.`, panel.root.querySelector("input:enabled")];
      if (result.disposition === "call_back" && !promiseOf(voter, result)) {
        return [`When should we call ${firstName(voter)} back? Please choose a time.`, panel.root.querySelector("[data-promise-at]")];
      }
      if (result.disposition === "language_barrier" && !result.language?.trim()) {
        return [`Which language does ${firstName(voter)} speak?`, panel.root.querySelector("[data-language]")];
      }
    }
    return null;
  }

  /** The body of POST /results/calls. */
  body() {
    return {
      ticket: this.assignment.ticket,
      spoke_with: this.draft.spoke_with,
      results: this.assignment.voters.map((voter) => this.#result(voter)),
      device_time: new Date().toISOString(),
    };
  }

  /** The results as they would be sent, by voter, with who was spoken to: to tell what has changed. */
  resultsByVoter() {
    return new Map(this.assignment.voters.map((voter) =>
      [voter.voter_id, { ...this.#result(voter), spoke_with: this.draft.spoke_with }]));
  }

  /** What was said, for "Saved: …". */
  summary() {
    const label = (voter) => this.assignment.dispositions
      .find((each) => each.value === this.results.of(voter.voter_id).disposition)?.label;
    const named = new Map();
    for (const voter of this.assignment.voters) named.set(label(voter), [...(named.get(label(voter)) ?? []), firstName(voter)]);
    return Array.from(named, ([said, names]) => `${said} for ${names.join(" and ")}`).join(", ");
  }

  #result(voter) {
    const draft = this.results.of(voter.voter_id);
    const spoke = this.draft.spoke_with === voter.voter_id;
    const result = { voter_id: voter.voter_id, disposition: draft.disposition, answers: spoke ? answersShown(this.assignment.script, this.draft.answers) : {} };
    const heard = !spoke && this.draft.spoke_with !== "nobody";
    if (heard && draft.hearsay?.trim()) result.hearsay = draft.hearsay.trim();
    if (draft.notes?.trim()) result.notes = draft.notes.trim();
    if (draft.disposition === "language_barrier") result.language = draft.language.trim();
    if (draft.disposition === "disconnected") result.definite = draft.definite ?? false;
    const promise = promiseOf(voter, draft);
    if (promise) result.promise = promise;
    return result;
  }

  // Most calls reach nobody: one tap under the number is all they need before Save.
  #showQuick(place) {
    const offered = this.assignment.dispositions.filter((each) => each.per_line);
    this.quick = new Map(offered.map((each) => [each.value, element("button", {
      class: "button button-secondary button-small", type: "button", "data-household": each.value, "aria-pressed": "false",
      onclick: () => this.#markAll(each.value) }, each.label)]));
    place.replaceChildren(
      element("p", { class: "label", id: "quick-label" }, this.voters.size > 1 ? "Reached none of them? One tap for all" : "Not reached? One tap"),
      element("div", { class: "choices", role: "group", "aria-labelledby": "quick-label" }, Array.from(this.quick.values())));
  }

  /** The message was left, for everybody on the line. */
  leftMessage() {
    this.#markAll("left_message");
  }

  #markAll(value) {
    this.results.markAll(value);
    this.fold.open = false;
  }

  #showWho(place) {
    const options = [...this.assignment.voters.map((voter) => [voter.voter_id, voter.name]), ["other", "Someone else"], ["nobody", "Nobody"]];
    this.who = new Map(options.map(([value]) => [value, element("input", { type: "radio", name: "spoke_with", value })]));
    for (const [value, input] of this.who) input.addEventListener("change", () => this.#spokeWith(value));
    place.replaceChildren(
      element("legend", {}, "Who did you speak with?"),
      element("div", { class: "choices" }, options.map(([value, label]) =>
        element("label", { class: "choice" }, this.who.get(value), element("span", {}, label)))));
  }

  #spokeWith(value) {
    this.draft.spoke_with = value;
    this.draft.implied = false;
    this.results.speakerChanged();
    // Without a voter on the phone the script is only in the way of the results.
    this.fold.open = this.voters.has(value);
    this.#changed();
  }

  // With one voter on the line, an answer says who spoke; answers before the end are a conversation.
  #answered(blockId) {
    if (blockId !== null) {
      if (this.draft.spoke_with === null && this.voters.size === 1) this.#spokeWith(this.voters.keys().next().value);
      if (this.voters.has(this.draft.spoke_with)) this.results.of(this.draft.spoke_with).disposition ??= "canvassed";
    }
    this.#changed();
  }

  #promise() {
    const speaker = this.voters.has(this.draft.spoke_with) ? this.draft.spoke_with : this.assignment.voters[0].voter_id;
    const { promise } = this.results.panels.get(speaker);
    promise.open = true;
    promise.querySelector("[data-promise-at]").focus();
  }

  #changed() {
    this.keep();
    this.#update();
  }

  #update() {
    const speaker = this.draft.spoke_with;
    for (const [value, input] of this.who) input.checked = value === speaker;
    this.script.disabled = speaker === "other" || speaker === "nobody";
    this.root.querySelector("[data-whose]").textContent = this.voters.has(speaker)
      ? `The answers below are ${firstName(this.voters.get(speaker))}’s.`
      : "Answers count only from the voter: choose who you spoke with.";
    for (const [value, button] of this.quick ?? []) {
      const pressed = this.assignment.voters.every((voter) => this.results.of(voter.voter_id).disposition === value);
      button.setAttribute("aria-pressed", String(pressed));
    }
    this.results.update();
  }
}

// The same script twice on one page: its ids, and what names them, get a prefix the second time.
function keepApart(place, prefix) {
  for (const each of place.querySelectorAll("[id]")) {
    for (const label of place.querySelectorAll(`label[for="${CSS.escape(each.id)}"]`)) label.htmlFor = prefix + each.id;
    each.id = prefix + each.id;
  }
}
