// How the call ended, for each voter on the line.

import { element } from "./element.js";
import { promiseFields } from "./promise.js";
import { firstName } from "./voter.js";

// Support, answers and refusal count only from the voter.
const ONLY_FROM_THE_VOTER = new Set(["canvassed", "refused"]);
const NOBODY_SPOKE = new Set(["not_home", "busy", "disconnected", "left_message"]);
// Whoever was spoken to was at home, and on this number.
const NEVER_FROM_THE_VOTER = new Set(["not_home", "busy", "disconnected", "wrong_number"]);

/** The results of one assignment; reads and writes `draft.results`, tells `changed()`. */
export class Results {
  constructor(place, assignment, draft, changed, prefix = "") {
    this.prefix = prefix;
    this.assignment = assignment;
    this.draft = draft;
    this.changed = changed;
    this.shown = assignment.dispositions.filter((each) => each.default);
    this.others = assignment.dispositions.filter((each) => !each.default);
    this.panels = new Map(assignment.voters.map((voter) => [voter.voter_id, this.#panel(voter)]));
    place.replaceChildren(...Array.from(this.panels.values(), (panel) => panel.root));
    this.update();
  }

  /** The result being written for a voter; made on first use. */
  of(voterId) {
    return (this.draft.results[voterId] ??= { disposition: null });
  }

  mark(voterId, disposition) {
    if (!this.allows(voterId, disposition)) return;
    // Another tap on the same voter may imply another speaker.
    if (this.draft.implied && (this.panels.size === 1 || this.draft.spoke_with === voterId)) this.draft.spoke_with = null;
    if (this.draft.spoke_with === null) this.#implySpeaker(voterId, disposition);
    this.of(voterId).disposition = disposition;
    this.changed();
  }

  /** One tap for everybody on the line, where no voter of it spoke. */
  markAll(disposition) {
    const speaker = this.draft.spoke_with;
    if (speaker === null || this.draft.implied || this.panels.has(speaker)) {
      this.draft.spoke_with = NOBODY_SPOKE.has(disposition) ? "nobody" : "other";
      this.draft.implied = true;
    }
    for (const voter of this.assignment.voters) this.of(voter.voter_id).disposition = disposition;
    this.changed();
  }

  allows(voterId, disposition) {
    const speaker = this.draft.spoke_with;
    return speaker === null || speaker === voterId || !ONLY_FROM_THE_VOTER.has(disposition);
  }

  /** What a change of speaker implies: others were not home, and nobody answers for somebody else. */
  speakerChanged() {
    const speaker = this.draft.spoke_with;
    const someoneSpoke = this.panels.has(speaker);
    for (const [voterId] of this.panels) {
      const result = this.of(voterId);
      if (result.disposition && !this.allows(voterId, result.disposition)) result.disposition = null;
      if (someoneSpoke && voterId !== speaker) result.disposition ??= "not_home";
      if (voterId === speaker && NEVER_FROM_THE_VOTER.has(result.disposition)) result.disposition = null;
    }
  }

  /** Shows what the draft says. */
  update() {
    const speaker = this.draft.spoke_with;
    for (const [voterId, panel] of this.panels) {
      const { disposition } = this.of(voterId);
      const chosen = this.assignment.dispositions.find((each) => each.value === disposition);
      for (const [value, input] of panel.inputs) {
        input.checked = value === disposition;
        input.disabled = !this.allows(voterId, value);
      }
      panel.help.textContent = chosen?.help ?? "";
      panel.only.hidden = this.allows(voterId, "refused");
      if (this.others.includes(chosen)) panel.more.open = true;
      panel.hearsay.hidden = speaker === null || speaker === "nobody" || speaker === voterId;
      panel.language.hidden = disposition !== "language_barrier";
      panel.definite.hidden = disposition !== "disconnected";
      if (disposition === "call_back") panel.promise.open = true;
    }
  }

  // Some results say by themselves who spoke, and save the tap on "Who did you speak with?".
  #implySpeaker(voterId, disposition) {
    if (ONLY_FROM_THE_VOTER.has(disposition)) {
      this.draft.spoke_with = voterId;
      this.draft.implied = true;
      this.speakerChanged();
    } else if (this.panels.size === 1 && NOBODY_SPOKE.has(disposition)) {
      this.draft.spoke_with = "nobody";
      this.draft.implied = true;
    }
  }

  #panel(voter) {
    const inputs = new Map();
    const first = element("div", { class: "choices" }, this.shown.map((each, at) => this.#choice(voter, each, inputs, at + 1)));
    const rest = element("div", { class: "choices" }, this.others.map((each) => this.#choice(voter, each, inputs)));
    const panel = {
      inputs,
      help: element("p", { class: "hint result-help", "aria-live": "polite" }),
      only: element("p", { class: "hint" }, `Some results count only if you spoke with ${firstName(voter)}.`),
      more: element("details", { class: "more" }, element("summary", {}, "More results"), rest),
      hearsay: this.#text(voter, "hearsay", `What did they say about ${firstName(voter)}? (optional)`,
        `Kept as hearsay. It never counts as ${firstName(voter)}’s own answer.`),
      language: this.#text(voter, "language", "Which language?", "", "input"),
      definite: this.#definite(voter),
      promise: element("details", { class: "more" }, element("summary", {}, "Promise a call"),
        ...promiseFields(voter, this.of(voter.voter_id), this.changed, this.prefix)),
      notes: element("details", { class: "more" }, element("summary", {}, "Add a note"),
        this.#text(voter, "notes", `Note about the call with ${firstName(voter)}`, "Short and kind: the campaign reads it.")),
    };
    if (this.of(voter.voter_id).notes) panel.notes.open = true;
    if (this.of(voter.voter_id).promise.local) panel.promise.open = true;
    panel.root = element("fieldset", { class: "result", "data-voter": voter.voter_id },
      element("legend", {}, voter.name), first, panel.help, panel.only, panel.language, panel.definite, panel.hearsay,
      element("div", { class: "folds" }, this.others.length ? panel.more : "", panel.promise, panel.notes));
    return panel;
  }

  #choice(voter, disposition, inputs, key = null) {
    const input = element("input", { type: "radio", name: `${this.prefix}result-${voter.voter_id}`, value: disposition.value });
    input.addEventListener("change", () => this.mark(voter.voter_id, disposition.value));
    inputs.set(disposition.value, input);
    return element("label", { class: "choice", title: disposition.help }, input, element("span", {}, disposition.label),
      key && key <= 7 ? element("kbd", { "aria-hidden": "true" }, key) : "");
  }

  #text(voter, name, label, hint, tag = "textarea") {
    const id = `${this.prefix}${name}-${voter.voter_id}`;
    const input = element(tag, { id, rows: tag === "textarea" ? "2" : null, maxlength: tag === "textarea" ? "2000" : "60",
      autocomplete: "off", "aria-describedby": hint ? `${id}-hint` : null, [`data-${name}`]: true });
    input.value = this.of(voter.voter_id)[name] ?? "";
    input.addEventListener("input", () => {
      this.of(voter.voter_id)[name] = input.value;
      this.changed();
    });
    return element("div", { class: "field" }, element("label", { for: id }, label),
      hint ? element("p", { class: "hint", id: `${id}-hint` }, hint) : "", input);
  }

  #definite(voter) {
    const id = `${this.prefix}definite-${voter.voter_id}`;
    const input = element("input", { type: "checkbox", id });
    input.checked = this.of(voter.voter_id).definite ?? false;
    input.addEventListener("change", () => {
      this.of(voter.voter_id).definite = input.checked;
      this.changed();
    });
    return element("div", { class: "check" }, input,
      element("label", { for: id }, "A recording said that the number is out of service"));
  }
}
