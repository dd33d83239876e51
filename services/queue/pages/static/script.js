// The script in full, with the answers in place.

import { element } from "./element.js";
import { pathOf } from "./script-path.js";

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

function several(block, draft, changed) {
  const inputs = block.options.map((option, at) =>
    element("input", { type: "checkbox", name: `answer-${block.id}`, value: at, "data-answer": block.id }));
  const show = () => {
    const given = draft.answers[block.id] ?? [];
    inputs.forEach((input, at) => (input.checked = given.includes(String(block.options[at].value))));
  };
  for (const input of inputs) input.addEventListener("change", () => {
    const given = block.options.filter((_, at) => inputs[at].checked).map((option) => String(option.value));
    if (given.length) draft.answers[block.id] = given;
    else delete draft.answers[block.id];
    changed(given.length ? block.id : null);
  });
  show();
  return element("fieldset", { class: "question question-multiple_choice" },
    element("legend", {}, block.text, element("span", { class: "hint" }, " (as many as they name)")),
    element("div", { class: "choices" },
      block.options.map((option, at) => element("label", { class: "choice" }, inputs[at], element("span", {}, option.label)))));
}

// The answer is a promise, which has a place of its own beside the results: whoever shows the script listens to the button.
function callBack(block) {
  return element("div", { class: "question" }, element("p", { class: "label" }, block.text),
    element("button", { class: "button button-secondary button-small", type: "button", "data-promise-wanted": true },
      "Promise to call back"));
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
  multiple_choice: several,
  scale: (block, ...rest) => choices(block, block.options, ...rest),
  yes_no: (block, ...rest) => choices(block, block.options?.length ? block.options : YES_NO, ...rest),
  number: (block, ...rest) => typed(block, element("input", { type: "number", inputmode: "numeric", "data-answer": block.id }),
    (input) => (input.value === "" ? null : input.valueAsNumber), ...rest),
  date: (block, ...rest) => typed(block, element("input", { type: "date", "data-answer": block.id }),
    (input) => input.value || null, ...rest),
  call_back: callBack,
  free_text: (block, ...rest) => typed(block, element("textarea", { rows: "3", "data-answer": block.id }),
    (input) => input.value.trim() || null, ...rest),
};

function withTitles(script, shown) {
  const titles = new Map((script.steps ?? []).map((step) => [step.id, element("h3", { class: "step-title" }, step.title)]));
  const placed = new Set();
  const parts = script.blocks.flatMap((block) => {
    const isFirst = titles.has(block.step) && !placed.has(block.step);
    placed.add(block.step);
    return isFirst ? [titles.get(block.step), shown.get(block.id)] : [shown.get(block.id)];
  });
  return [titles, parts];
}

/**
 * Fills the fieldset `place`; `changed(blockId)` hears of each answer, null when one is cleared. What an answer
 * leads to is shown once it is given.
 */
export function showScript(place, script, draft, changed) {
  const legend = place.querySelector("legend");
  const told = (blockId) => {
    follow();
    changed(blockId);
  };
  // A kind this page does not know yet is still worth reading out.
  const shown = new Map(script.blocks.map((block) => [block.id, (RENDER[block.kind] ?? RENDER.text)(block, draft, told)]));
  const [titles, parts] = withTitles(script, shown);
  const waits = element("p", { class: "hint", "data-waits": true }, "Mark an answer to see what comes next.");
  function follow() {
    const path = pathOf(script, draft.answers);
    for (const [id, part] of shown) part.hidden = !path.blocks.has(id);
    for (const [id, title] of titles) title.hidden = !path.steps.has(id);
    waits.hidden = !path.waits;
  }
  follow();
  place.replaceChildren(legend, ...parts, waits);
}
