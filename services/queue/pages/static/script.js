// The script in full, with the answers in place.

import { element } from "./element.js";

const YES_NO = [{ value: true, label: "Yes" }, { value: false, label: "No" }];

function choices(block, options, draft, changed) {
  const clear = element("button", { class: "link-button small", type: "button" }, "Clear");
  const inputs = options.map((option, at) =>
    element("input", { type: "radio", name: `answer-${block.id}`, value: at, "data-answer": block.id }));
  const show = () => {
    inputs.forEach((input, at) => (input.checked = draft.answers[block.id] === options[at].value));
    clear.hidden = !(block.id in draft.answers);
  };
  inputs.forEach((input, at) => input.addEventListener("change", () => {
    draft.answers[block.id] = options[at].value;
    show();
    changed(block.id);
  }));
  clear.addEventListener("click", () => {
    delete draft.answers[block.id];
    show();
    inputs[0].focus();
    changed(null);
  });
  show();
  return element("fieldset", { class: `question question-${block.kind}` },
    element("legend", {}, block.text),
    element("div", { class: "choices" },
      options.map((option, at) => element("label", { class: "choice" }, inputs[at], element("span", {}, option.label)))),
    clear);
}

function typed(block, input, read, draft, changed) {
  input.id = `answer-${block.id}`;
  input.value = draft.answers[block.id] ?? "";
  input.addEventListener("input", () => {
    const answer = read(input);
    if (answer === null) delete draft.answers[block.id];
    else draft.answers[block.id] = answer;
    changed(answer === null ? null : block.id);
  });
  return element("div", { class: "field question" }, element("label", { for: input.id }, block.text), input);
}

const RENDER = {
  text: (block) => element("p", { class: "prose say" }, block.text),
  choice: (block, ...rest) => choices(block, block.options, ...rest),
  scale: (block, ...rest) => choices(block, block.options, ...rest),
  yes_no: (block, ...rest) => choices(block, block.options?.length ? block.options : YES_NO, ...rest),
  number: (block, ...rest) => typed(block, element("input", { type: "number", inputmode: "numeric", "data-answer": block.id }),
    (input) => (input.value === "" ? null : input.valueAsNumber), ...rest),
  free_text: (block, ...rest) => typed(block, element("textarea", { rows: "3", "data-answer": block.id }),
    (input) => input.value.trim() || null, ...rest),
};

/** Fills the fieldset `place`; `changed(blockId)` hears of each answer, null when one is cleared. */
export function showScript(place, script, draft, changed) {
  const legend = place.querySelector("legend");
  // A kind this page does not know yet is still worth reading out.
  const blocks = script.blocks.map((block) => (RENDER[block.kind] ?? RENDER.text)(block, draft, changed));
  place.replaceChildren(legend, ...blocks);
}
