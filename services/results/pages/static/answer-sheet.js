// The questions of one version of a script, with the answers that were given.

import { element } from "./element.js";

const YES_NO = [{ value: true, label: "Yes" }, { value: false, label: "No" }];
const SAID_AS = { "voter.first_name": "the voter", "voter.city": "your town", "caller.first_name": "the caller" };

/** A lead reads the script as it was written, without the names of one call. */
function plain(text, candidate) {
  const saidAs = { ...SAID_AS, candidate: candidate ?? "the candidate" };
  return text.replace(/\{([^{}|]*)(?:\|([^{}]*))?\}/g, (_, name, fallback) =>
    (name === "candidate" && candidate) || fallback || saidAs[name] || name);
}

const spelled = (value) => String(value);

/** Questions in `place`, about `candidate`; `read()` answers what is chosen now, by question. */
export class AnswerSheet {
  constructor(place, questions, given, candidate) {
    this.plain = (text) => plain(text, candidate);
    this.readers = new Map();
    this.given = given;
    place.replaceChildren(...questions.map((question) => this.#question(question)));
  }

  get asks() {
    return this.readers.size > 0;
  }

  read() {
    const said = {};
    for (const [id, read] of this.readers) {
      const value = read();
      if (value !== null) said[id] = value;
    }
    return said;
  }

  #question(question) {
    if (question.kind === "free_text") {
      // What was said in words lies among the notes, and is changed there.
      return element("p", { class: "hint" }, `“${this.plain(question.text)}” was answered in words: see the note below.`);
    }
    const options = question.options.length ? question.options : question.kind === "yes_no" ? YES_NO : null;
    return options ? this.#choice(question, options) : this.#typed(question);
  }

  #choice(question, options) {
    const given = this.given[question.id];
    const several = question.kind === "multiple_choice" || Array.isArray(given);
    const marked = new Set([given].flat().map(spelled));
    const inputs = options.map((option) => element("input", {
      type: several ? "checkbox" : "radio", name: `answer-${question.id}`, checked: given !== undefined && marked.has(spelled(option.value)) }));
    const none = several ? null : element("label", { class: "choice" },
      element("input", { type: "radio", name: `answer-${question.id}`, checked: given === undefined }), element("span", {}, "No answer"));
    this.readers.set(question.id, () => {
      const values = options.filter((_, at) => inputs[at].checked).map((option) => option.value);
      if (values.length === 0) return null;
      return several ? values.map(spelled) : values[0];
    });
    return element("fieldset", { class: "question" }, element("legend", {}, this.plain(question.text)),
      element("div", { class: "choices" }, options.map((option, at) =>
        element("label", { class: "choice" }, inputs[at], element("span", {}, this.plain(option.label)))), none));
  }

  #typed(question) {
    const id = `answer-${question.id}`;
    const type = { number: "number", date: "date" }[question.kind] ?? "text";
    const input = element("input", { id, type, step: type === "number" ? "any" : null });
    input.value = this.given[question.id] ?? "";
    this.readers.set(question.id, () => {
      if (input.value === "") return null;
      return question.kind === "number" ? input.valueAsNumber : input.value;
    });
    return element("div", { class: "field question" }, element("label", { for: id }, this.plain(question.text)), input);
  }
}
