// A list that is asked for page by page, with its states: loading, failed, nobody, nobody left, far too many.

import { Problem, ask } from "./api.js";

const ROWS_MAX = 1_000;
const SLOW_MS = 300;
const REFUSED = [401, 403, 404];

/**
 * Shows in `page` what `path` answers to `query(extra)`, with a table row of `row(item)` each.
 * `isFiltered()` says whether filters leave something out; `asking()` is called as a question goes
 * out, and the function it answers hears that question's answer.
 */
export class PagedList {
  #asked = 0; // Only the latest question may fill the list.
  #shown = null; // The query that the rows answer.
  #cursor = null;
  #failed = null; // What to ask for again.

  constructor(page, path, { query, row, isFiltered, asking }) {
    Object.assign(this, { page, path, query, row, isFiltered, asking, isPaged: false });
    this.#part("more").addEventListener("click", () => this.load({ more: true }));
    this.#part("again").addEventListener("click", () => this.#tryAgain());
  }

  get hasAsked() {
    return this.#asked > 0;
  }

  /** Asks for the first page, or for `more`; answers whether the reader was refused for good. */
  async load({ more: goesOn = false } = {}) {
    const question = ++this.#asked;
    const wanted = this.query();
    // Rows of other filters have no next page here.
    const more = goesOn && wanted === this.#shown;
    if (more) this.isPaged = true;
    const heard = this.asking();
    if (more) this.#part("more").setAttribute("aria-busy", "true");
    const slow = setTimeout(() => !more && question === this.#asked && this.#sayLoading(wanted), SLOW_MS);
    try {
      const { body } = await ask("GET", `${this.path}?${more ? this.query({ cursor: this.#cursor }) : wanted}`);
      if (question !== this.#asked) return false;
      this.#take(body, wanted, more);
      this.#showProblem(null);
      heard(body, { more });
    } catch (error) {
      if (question !== this.#asked) return false;
      const isRefused = error instanceof Problem && REFUSED.includes(error.status);
      // Rows that other filters left are not what the page says they are, or not the reader's any more.
      if (isRefused || wanted !== this.#shown) this.#put([], null, null);
      this.#failed = { more };
      this.#showProblem(error, more);
      return isRefused;
    } finally {
      clearTimeout(slow);
      if (question === this.#asked) this.#showState();
    }
    return false;
  }

  /** The reader may no longer see the rows. */
  refuse(problem) {
    this.#asked += 1;
    this.#put([], null, null);
    this.#showProblem(problem);
    this.#showState();
  }

  #part(name) {
    return this.page.querySelector(`[data-${name}]`);
  }

  #take(body, wanted, more) {
    const rows = body.items.map(this.row);
    if (!more) return this.#put(rows, wanted, body.next_cursor);
    this.#cursor = body.next_cursor;
    this.#part("rows").append(...rows);
    const next = rows[0]?.querySelector("a") ?? this.#part("rows").closest("[tabindex]");
    next.focus({ preventScroll: true });
  }

  #put(rows, shown, cursor) {
    this.isPaged = false;
    this.#shown = shown;
    this.#cursor = cursor;
    this.#part("rows").replaceChildren(...rows);
  }

  async #tryAgain() {
    const { more } = this.#failed;
    this.#part("again").setAttribute("aria-busy", "true");
    await this.load({ more });
    if (this.#part("problem").hidden && !more) this.page.querySelector("h1").focus();
  }

  /** Only where it takes a while, so that nothing flickers. */
  #sayLoading(wanted) {
    this.#part("loading").hidden = false;
    if (wanted === this.#shown) return;
    for (const name of ["list", "empty", "none-left"]) this.#part(name).hidden = true;
  }

  #showProblem(error, more = false) {
    const problem = this.#part("problem");
    problem.querySelector("p").textContent = error?.message ?? "";
    problem.hidden = !error;
    this.#part("again").hidden = error instanceof Problem && !error.isPassing;
    // Said where one looks: under the rows that were to go on.
    if (error) (more ? this.#part("more").parentElement : this.#part("loading")).before(problem);
  }

  #showState() {
    const count = this.#part("rows").rows.length;
    const isEmpty = count === 0 && this.#part("problem").hidden;
    const isFull = count >= ROWS_MAX;
    this.#part("loading").hidden = true;
    this.#part("list").hidden = count === 0;
    this.#part("empty").hidden = !isEmpty || this.isFiltered();
    this.#part("none-left").hidden = !isEmpty || !this.isFiltered();
    this.#part("more").hidden = !this.#cursor || isFull;
    this.#part("too-many").hidden = !this.#cursor || !isFull;
    this.#part("clear").hidden = !this.isFiltered();
    for (const name of ["more", "again"]) this.#part(name).removeAttribute("aria-busy");
  }
}
