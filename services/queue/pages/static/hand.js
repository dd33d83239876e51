// A raised hand: the leads of this phone bank see it, and the caller sees when one of them came.

import { ask, newKey } from "./api.js";
import { toast } from "./element.js";

const LOOK_MS = 4_000;

/** The button `place` raises and lowers the hand; `assignment()` says what is on the screen. */
export class Hand {
  constructor(place, bank, assignment) {
    this.place = place;
    this.path = `/queue/phone-banks/${encodeURIComponent(bank)}/hands`;
    this.assignment = assignment;
    this.isUp = false;
    this.timer = null;
    place.addEventListener("click", () => this.#toggle());
    this.#look();
  }

  async #toggle() {
    this.place.setAttribute("aria-busy", "true");
    try {
      if (this.isUp) {
        await ask("DELETE", `${this.path}/current`, { key: newKey() });
        this.#show(false);
      } else {
        await ask("POST", this.path, { body: { assignment_id: this.assignment() }, key: newKey() });
        this.#show(true);
        toast("Your hand is up: the leads of this phone bank see it.");
      }
    } catch (error) {
      toast(error.message);
    } finally {
      this.place.removeAttribute("aria-busy");
    }
  }

  #show(isUp) {
    this.isUp = isUp;
    this.place.setAttribute("aria-pressed", String(isUp));
    this.place.textContent = isUp ? "Hand is up: lower it" : "Ask for help";
    clearTimeout(this.timer);
    if (isUp) this.timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  async #look() {
    try {
      const { body } = await ask("GET", `${this.path}/current`);
      if (this.isUp && !body.is_up) toast("A lead has seen your hand and gets in touch with you.");
      this.#show(body.is_up);
    } catch {
      if (this.isUp) this.#show(true); // Whoever waits for help goes on waiting while the line is bad.
    }
  }
}
