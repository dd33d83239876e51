// The caller's own words beside the script: private, kept as they are typed.

import { ask } from "./api.js";

const TYPED_MS = 1_200;
const NAME = "phonebank.own-words.";

/** Fills `place` (a textarea with a `[data-kept]` line beside it) for one phone bank. */
export class OwnWords {
  constructor(place, bank, caller) {
    this.fold = place;
    this.area = place.querySelector("textarea");
    this.kept = place.querySelector("[data-kept]");
    this.path = `/identity/callers/current/own-words/${encodeURIComponent(bank)}`;
    this.name = `${NAME}${caller}.${bank}`;
    this.timer = null;
    this.changed = false;
    this.area.addEventListener("input", () => {
      this.changed = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), TYPED_MS);
    });
    this.area.addEventListener("blur", () => this.keep());
    this.read();
  }

  async read() {
    let text = this.#onDevice();
    try {
      text = (await ask("GET", this.path)).body?.text || text;
    } catch {
      // Nothing kept yet, or nowhere to keep it: what this device has is all there is.
    }
    if (this.changed || !text) return;
    this.area.value = text;
    this.fold.open = true;
  }

  async keep() {
    clearTimeout(this.timer);
    if (!this.changed) return;
    this.changed = false;
    const text = this.area.value;
    try {
      await ask("PUT", this.path, { body: { text } });
      this.#forget();
      this.kept.textContent = "Kept. Only you see this.";
    } catch (error) {
      if (error.status === undefined && error.name !== "offline") throw error;
      this.kept.textContent = this.#keepHere(text)
        ? "Kept on this device. Only you see this."
        : "This could not be kept; please copy it.";
    }
  }

  #onDevice() {
    try {
      return localStorage.getItem(this.name) ?? "";
    } catch {
      return "";
    }
  }

  #keepHere(text) {
    try {
      localStorage.setItem(this.name, text);
      return true;
    } catch {
      return false;
    }
  }

  #forget() {
    try {
      localStorage.removeItem(this.name);
    } catch {
      // Storage is off: nothing was kept here.
    }
  }
}
