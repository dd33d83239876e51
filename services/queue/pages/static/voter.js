// Who is on the line: the voters, their local time, the number to call.

import { serverNow, setServerTime } from "./clock.js";
import { element } from "./element.js";
import { inWords } from "./local-time.js";

const TICK_MS = 5_000;

function named(voters) {
  const names = voters.map((voter) => voter.name);
  return names.length < 2 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function described(voter) {
  const parts = [voter.age ? `${voter.age}` : null, voter.party, voter.city];
  return parts.filter(Boolean).join(" · ");
}

function localTime(voter) {
  const time = element("time", { class: "local-time", "data-voter-zone": voter.local_time_zone });
  time.textContent = inWords(serverNow(), "zoned", voter.local_time_zone);
  return time;
}

function people(voters) {
  if (voters.length === 1) {
    return [element("p", { class: "voter-facts" }, described(voters[0]))];
  }
  const rows = voters.map((voter) =>
    element("li", {}, element("strong", {}, voter.name), " ", element("span", { class: "quiet" }, described(voter))));
  return [
    element("p", { class: "hint" }, `${voters.length} voters share this number`),
    element("ul", { class: "household" }, rows),
  ];
}

function clocks(voters) {
  const byZone = new Map(voters.map((voter) => [voter.local_time_zone, voter]));
  const together = voters.length > 1 && byZone.size === 1;
  return Array.from(byZone.values(), (voter) =>
    element("p", { class: "voter-clock" },
      element("span", { class: "quiet" }, together ? "Their time " : `${firstName(voter)}’s time `), localTime(voter)));
}

/** The name to use in a sentence; the whole name where there is no first one. */
export function firstName(voter) {
  return voter.name.split(" ")[0] || voter.name;
}

function number(line) {
  return element("div", { class: "line-number" },
    element("a", { class: "button button-primary number", href: `tel:${line.e164}`, "data-number": line.e164 },
      element("span", { class: "number-verb" }, "Call"), " ", element("span", { class: "number-digits" }, line.display)),
    element("button", { class: "button button-secondary", type: "button", "data-copy": line.e164 }, "Copy"));
}

function mayLeaveMessage(assignment) {
  return assignment.dispositions.some((each) => each.value === "left_message");
}

/** Fills `place` for an assignment. The heading takes the focus when the next voter comes up. */
export function showLine(place, assignment) {
  const { voters, line } = assignment;
  setServerTime(voters[0].local_time);
  place.replaceChildren(
    element("h1", { id: "call-heading", tabindex: "-1" }, named(voters)),
    ...people(voters),
    ...clocks(voters),
    number(line),
    line.fictional ? element("p", { class: "hint" }, "A made-up number: it reaches nobody.") : "",
    assignment.hours_note ? element("p", { class: "hint" }, assignment.hours_note) : "",
    mayLeaveMessage(assignment) ? "" : element("p", { class: "hint" }, "Please do NOT leave messages."),
  );
}

/** Keeps the voters' local times right for as long as the page is open. */
export function tick() {
  setInterval(() => {
    for (const time of document.querySelectorAll("[data-voter-zone]")) {
      time.textContent = inWords(serverNow(), "zoned", time.dataset.voterZone);
    }
  }, TICK_MS);
}
