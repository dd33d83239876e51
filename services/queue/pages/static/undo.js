// Undo: the form of a call that was saved, over the voter on the screen, which stays as it is.

import { ask, newKey } from "./api.js";
import { wallTime } from "./clock.js";
import { element, toast } from "./element.js";
import { CallForm } from "./form.js";

const PREFIX = "undo-";

/** The dialog; `corrected(entry, {draft, summary})` hears of a correction that was saved. */
export class Undo {
  constructor(dialog, corrected) {
    this.dialog = dialog;
    this.root = dialog.querySelector("form");
    this.corrected = corrected;
    this.form = null;
    this.saving = false;
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.root.addEventListener("change", () => this.#problem(null));
    dialog.querySelector("[data-undo-cancel]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      this.form = this.entry = null;
      this.opener?.isConnected && this.opener.focus();
    });
  }

  get isOpen() {
    return this.dialog.open;
  }

  async show(entry) {
    if (this.isOpen) return;
    this.opener = document.activeElement;
    this.entry = entry;
    this.#problem(null);
    const names = entry.assignment.voters.map((voter) => voter.name).join(" and ");
    this.dialog.querySelector("h2").textContent = `Undo: ${names}`;
    let { draft } = structuredClone(entry);
    try {
      const { body } = await ask("GET", `/results/calls/${encodeURIComponent(entry.call_id)}`);
      if (!saysTheSame(draft, body.results)) draft = draftOf(body.results, entry.assignment);
    } catch (error) {
      if (error.status === undefined && error.name !== "offline") throw error;
      if (error.status && !error.isPassing) this.#problem(error.message);
    }
    this.form = new CallForm(this.root, entry.assignment, draft, { keep: () => {}, prefix: PREFIX });
    this.before = this.form.resultsByVoter();
    this.keys = new Map(entry.assignment.voters.map((voter) => [voter.voter_id, newKey()]));
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
  }

  async save() {
    if (!this.form || this.saving) return;
    const missing = this.form.missing();
    this.#problem(missing?.[0]);
    if (missing) return missing[1].focus();
    this.saving = true;
    this.root.inert = true;
    try {
      await this.#send();
    } finally {
      this.saving = false;
      this.root.inert = false;
    }
  }

  async #send() {
    const { entry, form } = this;
    const path = `/results/calls/${encodeURIComponent(entry.call_id)}/corrections`;
    let sent = 0;
    for (const [voterId, result] of form.resultsByVoter()) {
      if (JSON.stringify(result) === JSON.stringify(this.before.get(voterId))) continue;
      try {
        await ask("POST", path, { body: result, key: this.keys.get(voterId) });
      } catch (error) {
        if (error.status === undefined && error.name !== "offline") throw error;
        // The same key stands for exactly this result: what is changed now is another request.
        if (!error.isPassing && error.status) this.keys.set(voterId, newKey());
        return this.#problem(error.message);
      }
      this.before.set(voterId, result);
      sent += 1;
    }
    if (!sent) {
      this.dialog.close();
      return toast("Nothing was changed.");
    }
    const said = { draft: structuredClone(form.draft), summary: form.summary() };
    this.dialog.close();
    this.corrected(entry, said);
  }

  #problem(sentence) {
    const place = this.dialog.querySelector("[data-undo-problem]");
    place.replaceChildren(sentence ? element("p", {}, sentence) : "");
    place.hidden = !sentence;
  }
}

/** Whether the call stands as this page saved it; a lead, or another tab, may have put it right. */
function saysTheSame(draft, results) {
  return results.every((each) =>
    draft.results[each.voter_id]?.disposition === each.disposition && draft.spoke_with === each.spoke_with);
}

function draftOf(results, assignment) {
  const speaker = results.find((each) => each.spoke_with === each.voter_id);
  const zones = new Map(assignment.voters.map((voter) => [voter.voter_id, voter.local_time_zone]));
  return {
    key: newKey(),
    spoke_with: speaker?.voter_id ?? results[0]?.spoke_with ?? null,
    answers: { ...speaker?.answers },
    results: Object.fromEntries(results.map((each) => [each.voter_id, {
      disposition: each.disposition,
      hearsay: each.hearsay ?? "",
      notes: each.notes ?? "",
      language: each.language ?? "",
      definite: each.definite,
      promise: each.promise
        ? { local: wallTime(new Date(each.promise.at), zones.get(each.voter_id)), number: each.promise.number ?? "", question: each.promise.question ?? "" }
        : { local: "", number: "", question: "" },
    }])),
  };
}
