// The call's form: who was spoken to, the script's answers, the results; a draft that survives a reload.

import { keepDraft, loadDraft } from "./drafts.js";
import { element } from "./element.js";
import { promiseOf } from "./promise.js";
import { Results } from "./results.js";
import { showScript } from "./script.js";
import { firstName, showLine } from "./voter.js";

/** The form of one assignment. `draft` is what the caller said so far. */
export class CallForm {
  constructor(root, assignment) {
    this.root = root;
    this.assignment = assignment;
    this.draft = loadDraft(assignment.assignment_id);
    this.voters = new Map(assignment.voters.map((voter) => [voter.voter_id, voter]));
    const changed = () => this.#changed();
    showLine(root.querySelector("[data-line]"), assignment);
    this.#showWho(root.querySelector("[data-who]"));
    this.script = root.querySelector("[data-script]");
    this.fold = root.querySelector("[data-script-fold]");
    this.fold.open = true;
    showScript(this.script, assignment.script, this.draft, (blockId) => this.#answered(blockId));
    this.results = new Results(root.querySelector("[data-results]"), assignment, this.draft, changed);
    root.querySelector("[data-practice]").hidden = !assignment.practice;
    this.#update();
  }

  /** Marks a result by its number key: the whole line where nobody spoke, else the voter in focus. */
  pressed(number) {
    const disposition = this.results.shown[number - 1];
    if (!disposition) return;
    const focused = document.activeElement?.closest?.("[data-voter]")?.dataset.voter;
    const speaker = this.draft.spoke_with;
    if (!focused && disposition.per_line && !this.voters.has(speaker)) {
      this.results.markAll(disposition.value);
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

  /** What was said, for "Saved: …". */
  summary() {
    const label = (voter) => this.assignment.dispositions
      .find((each) => each.value === this.results.of(voter.voter_id).disposition)?.label;
    return this.assignment.voters.map((voter) => `${voter.name}: ${label(voter)}`).join("; ");
  }

  keep() {
    keepDraft(this.assignment.assignment_id, this.draft);
  }

  #result(voter) {
    const draft = this.results.of(voter.voter_id);
    const spoke = this.draft.spoke_with === voter.voter_id;
    const result = { voter_id: voter.voter_id, disposition: draft.disposition, answers: spoke ? this.draft.answers : {} };
    const heard = !spoke && this.draft.spoke_with !== "nobody";
    if (heard && draft.hearsay?.trim()) result.hearsay = draft.hearsay.trim();
    if (draft.notes?.trim()) result.notes = draft.notes.trim();
    if (draft.disposition === "language_barrier") result.language = draft.language.trim();
    if (draft.disposition === "disconnected") result.definite = draft.definite ?? false;
    const promise = promiseOf(voter, draft);
    if (promise) result.promise = promise;
    return result;
  }

  #showWho(place) {
    const options = [...this.assignment.voters.map((voter) => [voter.voter_id, voter.name]), ["other", "Someone else"], ["nobody", "Nobody"]];
    this.who = new Map(options.map(([value]) => [value, element("input", { type: "radio", name: "spoke_with", value })]));
    for (const [value, input] of this.who) input.addEventListener("change", () => this.#spokeWith(value));
    place.replaceChildren(
      element("legend", {}, "Who did you speak with?"),
      element("div", { class: "choices" }, options.map(([value, label]) =>
        element("label", { class: "choice" }, this.who.get(value), element("span", {}, label)))),
      element("p", { class: "field-error", "data-who-error": true, hidden: true }));
  }

  #spokeWith(value) {
    this.draft.spoke_with = value;
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
    this.results.update();
  }
}
