// How the caller's own evening goes: calls, conversations, supporters found. Nobody is compared.

import { ask } from "./api.js";
import { element } from "./element.js";

const SETTLED_MS = 4_000;
const SUPPORTER = new Set(["1", "2"]);

function counted(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

/** `said({body, assignment})` counts a call just saved; `read()` asks for the figures that stand. */
export class Evening {
  constructor(place) {
    this.place = place;
    this.figures = null;
    this.timer = null;
  }

  /** "3 calls today", as far as it is known. */
  get words() {
    return counted(this.figures?.calls ?? 0, "call today", "calls today");
  }

  async read() {
    try {
      this.figures = (await ask("GET", "/queue/callers/current/evening")).body;
      this.show();
    } catch {
      // Figures are for joy: without them the next call is as good.
    }
  }

  said({ body, assignment }) {
    if (this.figures) {
      const support = assignment?.script.blocks.find((block) => block.meaning === "support")?.id;
      const spoken = body.results.filter((each) => each.voter_id === body.spoke_with && each.disposition !== "left_message");
      this.figures.calls += 1;
      this.figures.conversations += spoken.length;
      this.figures.supporters += spoken.filter((each) => SUPPORTER.has(String(each.answers?.[support]))).length;
      this.show();
    }
    this.readSoon();
  }

  /** What was counted here is what stands a moment later; a correction changes it. */
  readSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), SETTLED_MS);
  }

  show() {
    const { calls, conversations, supporters, goal } = this.figures;
    const round = Math.max(1, Math.ceil(calls / goal)) * goal;
    this.place.replaceChildren(
      element("span", {}, this.words),
      element("progress", { max: round, value: calls, "aria-label": `Your goal: ${round} calls` }),
      element("span", { class: "quiet" }, `${counted(conversations, "conversation", "conversations")}, ${counted(supporters, "supporter", "supporters")}`));
    this.place.title = calls >= goal && calls % goal === 0 ? `${calls} calls: goal reached, thank you!` : `Your goal: ${round} calls. Every call is a good call.`;
  }
}
