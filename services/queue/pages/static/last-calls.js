// The calls of the last ten minutes: what was saved, and the way back into each of them.

import { element } from "./element.js";

const NAME = "phonebank.last-calls.";
const UNDO_MS = 10 * 60_000;
const SHOWN_MAX = 8;
const LOOK_MS = 10_000;

/**
 * Keeps the caller's last calls for this tab. An entry is `{call_id, saved_at, summary, assignment,
 * draft}`; `open(entry)` is what Undo does.
 */
export class LastCalls {
  constructor(place, caller, open) {
    this.place = place;
    this.name = NAME + caller;
    this.open = open;
    this.entries = stored(this.name);
    this.said = "Saved";
    setInterval(() => this.show(), LOOK_MS);
    this.show();
  }

  /** The last call that can still be undone here, or undefined. */
  get latest() {
    return this.#fresh()[0];
  }

  add(entry) {
    this.entries = [{ ...entry, saved_at: Date.now() }, ...this.entries.filter((each) => each.call_id !== entry.call_id)].slice(0, SHOWN_MAX);
    this.said = "Saved";
    this.#keep();
    this.show();
  }

  /** The call was corrected: it now says this. Its ten minutes run on. */
  corrected(callId, { draft, summary }) {
    const entry = this.entries.find((each) => each.call_id === callId);
    if (!entry) return;
    Object.assign(entry, { draft, summary });
    this.said = "Corrected";
    this.#keep();
    this.show();
  }

  show() {
    const fresh = this.#fresh();
    this.place.hidden = fresh.length === 0;
    const shown = JSON.stringify([this.said, fresh.map((each) => [each.call_id, each.summary])]);
    if (shown === this.shown) return; // A list that is being read must not be rebuilt under the reader.
    this.shown = shown;
    const [latest, ...others] = fresh;
    if (!latest) return this.place.replaceChildren();
    this.place.replaceChildren(
      element("p", { class: "saved", role: "status", "data-saved": true }, element("span", {}, `${this.said}: ${latest.summary}.`), this.#button(latest)),
      others.length ? element("details", { class: "last-calls" },
        element("summary", {}, "Your last calls"),
        element("ul", {}, others.map((each) => element("li", {}, element("span", {}, each.summary), this.#button(each)))),
        element("p", { class: "hint" }, "It’s okay to make mistakes: for ten minutes you can undo a call yourself. Later a lead can.")) : "");
  }

  #button(entry) {
    const latest = entry === this.entries[0];
    return element("button", { class: "link-button", type: "button", "data-undo-call": entry.call_id, onclick: () => this.open(entry) },
      "Undo", element("span", { class: "visually-hidden" }, ` ${entry.summary}`), latest ? element("kbd", { "aria-hidden": "true" }, "U") : "");
  }

  #fresh() {
    return this.entries.filter((each) => Date.now() - each.saved_at < UNDO_MS);
  }

  #keep() {
    try {
      sessionStorage.setItem(this.name, JSON.stringify(this.#fresh()));
    } catch {
      // Storage is off or full: Undo then ends with this page.
    }
  }
}

function stored(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "[]");
  } catch {
    return [];
  }
}
