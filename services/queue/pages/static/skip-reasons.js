// The reasons to skip, one tap each, behind a button; Escape closes them.

export class SkipReasons {
  #button;
  #reasons;

  // `chosen` gets the reason; while `isBlocked` says so, Escape is somebody else's.
  constructor(button, reasons, { chosen, isBlocked }) {
    this.#button = button;
    this.#reasons = reasons;
    button.addEventListener("click", () => this.show(reasons.hidden));
    reasons.addEventListener("click", (event) => event.target.dataset.reason && chosen(event.target.dataset.reason));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || reasons.hidden || isBlocked()) return;
      this.show(false);
      button.focus();
    });
  }

  show(open) {
    this.#reasons.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) this.#reasons.querySelector("button").focus();
  }
}
