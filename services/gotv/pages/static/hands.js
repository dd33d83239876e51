// The hands that are up in a phone bank: who waits for help, and the button of whoever goes.

import { ask, newKey } from "./api.js";
import { element } from "./element.js";
import { inWords } from "./local-time.js";

const LISTED_MAX = 200;
const LOOK_AGAIN_MS = 1_500;
const LOOKS_MAX = 8;
// What is said where somebody was faster than the lead who pressed the button.
const LATE = {
  "another-is-on-it": (who) => `Another lead is on it. You need not get in touch with ${who}.`,
  "hand-taken-back": (who) => `${who} took the hand down and needs no help any more.`,
};

/** The list in `page`; `heed` hears of the hands and organizations of every snapshot. */
export class Hands {
  constructor(page, bank) {
    this.part = (name) => page.querySelector(`[data-hand-${name}]`);
    this.path = `/queue/phone-banks/${encodeURIComponent(bank)}/hands`;
    this.mark = null;
    this.asked = 0; // Only the latest question may fill the list.
    this.timer = null;
    this.lowered = new Set();
    this.organizations = new Map();
    this.part("again")?.addEventListener("click", () => this.#look(LOOKS_MAX));
  }

  heed({ raised, since, latest }, organizations) {
    if (!this.part("list")) return; // Not for this reader, and the page says so.
    this.organizations = new Map(organizations.map((each) => [each.organization_id, each.name]));
    const mark = `${raised} ${since} ${latest}`;
    if (mark === this.mark) return;
    this.mark = mark;
    this.raised = raised;
    this.#look(LOOKS_MAX);
  }

  /** The list and the board's figures hear of a hand apart, so one may be a moment behind. */
  async #look(looks) {
    clearTimeout(this.timer);
    const question = ++this.asked;
    try {
      const hands = this.raised === 0 ? [] : (await ask("GET", this.path)).body.hands;
      if (question !== this.asked) return;
      this.#showProblem(null);
      this.#show(hands);
      if (hands.length !== Math.min(this.raised, LISTED_MAX) && looks > 1) {
        this.timer = setTimeout(() => this.#look(looks - 1), LOOK_AGAIN_MS);
      }
    } catch (error) {
      if (question !== this.asked) return;
      const isRefused = error.status === 401 || error.status === 403;
      if (isRefused) this.part("list").replaceChildren();
      this.#showProblem(error.message, { again: !isRefused });
    }
  }

  #show(hands) {
    const list = this.part("list");
    const known = new Map(Array.from(list.children, (row) => [row.dataset.hand, row]));
    const up = hands.filter((hand) => !this.lowered.has(idOf(hand)));
    for (const hand of up) {
      // Rows are kept, so that a button does not lose the focus to a newcomer.
      if (!known.delete(idOf(hand))) list.append(this.#row(hand));
    }
    for (const row of known.values()) this.#remove(row);
    this.part("empty").hidden = up.length > 0;
  }

  #row(hand) {
    const who = `Caller ${hand.caller_id.slice(-6)}`;
    const key = newKey(); // The same for every try: pressed again, it is still one answer.
    const button = element("button", { class: "button button-secondary button-small", type: "button", "aria-label": `I am on it: ${who}` }, "I am on it");
    const row = element("li", { class: "hand", "data-hand": idOf(hand) },
      element("p", {}, element("strong", { class: "by-caller" }, who), " ",
        element("span", { class: "quiet" }, this.#organization(hand), " since ",
          element("time", { datetime: hand.raised_at, title: inWords(hand.raised_at, "full") }, inWords(hand.raised_at, "time")))),
      button);
    button.addEventListener("click", () => this.#lower(hand, who, key, row, button));
    return row;
  }

  #organization({ organization_id: id }) {
    if (!id) return "on their own,";
    const name = this.organizations.get(id);
    return name ? `of ${name},` : "waits";
  }

  async #lower(hand, who, key, row, button) {
    if (button.hasAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    let word = `You are on it. ${who} is told that a lead gets in touch.`;
    try {
      await ask("DELETE", `${this.path}/${encodeURIComponent(hand.caller_id)}`, { key });
    } catch (error) {
      button.removeAttribute("aria-busy");
      if (!(error.name in LATE)) return this.#showProblem(error.message);
      word = LATE[error.name](who);
    }
    this.lowered.add(idOf(hand));
    this.#showProblem(null);
    this.part("word").textContent = word;
    this.#remove(row);
    this.part("empty").hidden = this.part("list").children.length > 0;
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const hadFocus = row.contains(document.activeElement);
    row.remove();
    if (hadFocus) (next?.querySelector("button") ?? this.part("heading")).focus();
  }

  #showProblem(sentence, { again = false } = {}) {
    this.part("problem").querySelector("p").textContent = sentence ?? "";
    this.part("problem").hidden = !sentence;
    this.part("again").hidden = !again;
  }
}

function idOf(hand) {
  return `${hand.caller_id} ${hand.raised_at}`;
}
