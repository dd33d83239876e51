// Who is on the line: the voters, their local time, the number to call.

import { serverNow, setServerTime } from "./clock.js";
import { element } from "./element.js";
import { inWords } from "./local-time.js";

const TICK_MS = 5_000;

function heading(voters) {
  return voters.length === 1 ? voters[0].name : `${voters.length} voters share this number`;
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
  return [element("ul", { class: "household" }, rows)];
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
  if (!line.e164) return element("p", { class: "hint" }, "The number is not shown outside calling hours.");
  return element("div", { class: "line-number" },
    element("a", { class: "button button-primary number", href: `tel:${line.e164}`, "data-number": line.e164 },
      element("span", { class: "number-verb" }, "Call"), " ", element("span", { class: "number-digits" }, line.display)),
    element("button", { class: "button button-secondary", type: "button", "data-copy": line.e164 }, "Copy"));
}

// As a number can be dialed: what the caller typed may have brackets, and no country.
function dialable(number) {
  const digits = number.replace(/[^\d]/g, "");
  return number.trim().startsWith("+") || digits.length !== 10 ? `+${digits}` : `+1${digits}`;
}

function promised(voter, several) {
  const { promise } = voter;
  if (!promise) return "";
  const time = inWords(promise.at, "zoned", voter.local_time_zone);
  const who = promise.by_you ? "You" : "A caller of this campaign";
  return element("div", { class: "notice notice-good", "data-promised": voter.voter_id },
    element("p", { class: "notice-title" }, `${who} promised to call ${several ? voter.name : firstName(voter)} at ${time}`),
    promise.question ? element("p", { class: "asked" }, element("span", { class: "quiet" }, "They want to know: "), promise.question) : "",
    promise.number ? element("p", { class: "given" }, element("span", { class: "quiet" }, "They gave this number: "),
      element("a", { class: "button button-secondary button-small", href: `tel:${dialable(promise.number)}` }, promise.number),
      element("button", { class: "link-button", type: "button", "data-copy": dialable(promise.number) }, "Copy")) : "",
    promise.is_whole ? "" : element("p", { class: "hint" }, "Their number or question cannot be read right now; reload the page in a minute."));
}

function message({ dispositions, message_words: words }, leftMessage) {
  const choice = dispositions.find((each) => each.value === "left_message");
  if (!choice) return element("p", { class: "hint" }, "Please do NOT leave messages.");
  return element("details", { class: "more message", open: true },
    element("summary", {}, "Nobody picks up? You may leave a message"),
    element("p", { class: "prose say" }, words || "“Hello, I am a volunteer. I am sorry to have missed you; I will try again. Thank you!”"),
    element("p", {}, element("button", { class: "button button-secondary button-small", type: "button", "data-left-message": true, onclick: leftMessage }, choice.label)));
}

/**
 * Fills `place` for an assignment. The heading takes the focus when the next voter comes up;
 * `leftMessage()` is what the button beside the words of a message does.
 */
export function showLine(place, assignment, leftMessage) {
  const { voters, line } = assignment;
  setServerTime(voters[0].local_time);
  place.replaceChildren(
    element("h1", { id: "call-heading", tabindex: "-1", class: voters.length > 1 ? "several" : null }, heading(voters)),
    ...people(voters),
    ...clocks(voters),
    ...voters.map((voter) => promised(voter, voters.length > 1)),
    number(line),
    line.fictional ? element("p", { class: "hint" }, "A made-up number: it reaches nobody.") : "",
    assignment.hours_note ? element("p", { class: "hint" }, assignment.hours_note) : "",
    assignment.note ? element("p", { class: "caller-note" }, assignment.note) : "",
    message(assignment, leftMessage),
    element("div", { class: "quick", "data-quick": true }),
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
