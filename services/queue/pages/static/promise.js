// A promised call back: when, in the voter's own time, at which number, with which question open.

import { momentOf, serverNow, wallTime } from "./clock.js";
import { element } from "./element.js";

// Never outside 08:00 to 21:00, wherever the voter lives; a bank may keep narrower hours.
function isAnHourToCall(local) {
  const hour = Number(local.slice(11, 13));
  return hour >= 8 && hour < 21;
}

function suggestions(zone) {
  const now = serverNow();
  const tomorrow = wallTime(new Date(now.getTime() + 24 * 3600_000), zone).slice(0, 10);
  return [
    ["In an hour", wallTime(new Date(now.getTime() + 3600_000), zone)],
    ["Tomorrow 10:00", `${tomorrow}T10:00`],
    ["Tomorrow 18:00", `${tomorrow}T18:00`],
  ].filter(([, local]) => isAnHourToCall(local));
}

function field(id, label, input) {
  input.id = id;
  return element("div", { class: "field" }, element("label", { for: id }, label), input);
}

/** The fields for one voter; they read and write `result.promise` = {local, number, question}. */
export function promiseFields(voter, result, changed, prefix = "") {
  result.promise ??= { local: "", number: "", question: "" };
  const id = `${prefix}promise-${voter.voter_id}`;
  const when = element("input", { type: "datetime-local", min: wallTime(serverNow(), voter.local_time_zone), "data-promise-at": true });
  const number = element("input", { type: "tel", inputmode: "tel", autocomplete: "off" });
  const question = element("textarea", { rows: "2", maxlength: "1000" });
  const bind = (input, name) => {
    input.value = result.promise[name];
    input.addEventListener("input", () => {
      result.promise[name] = input.value;
      changed();
    });
  };
  bind(when, "local");
  bind(number, "number");
  bind(question, "question");
  const picks = suggestions(voter.local_time_zone).map(([label, local]) =>
    element("button", { class: "button button-secondary button-small", type: "button", onclick: () => {
      when.value = result.promise.local = local;
      changed();
    } }, label));
  return [
    field(`${id}-at`, "When (in the voter’s own time)", when),
    element("div", { class: "choices picks" }, picks),
    field(`${id}-number`, "A number they gave you (optional)", number),
    field(`${id}-question`, "What they want to know (optional)", question),
  ];
}

/** The promise as the API takes it, or null while no time is given. */
export function promiseOf(voter, result) {
  const { local, number, question } = result.promise ?? {};
  if (!local) return null;
  const promise = { at: momentOf(local, voter.local_time_zone) };
  if (number.trim()) promise.number = number.trim();
  if (question.trim()) promise.question = question.trim();
  return promise;
}
