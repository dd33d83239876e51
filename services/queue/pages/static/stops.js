// Why there is no voter on the screen right now, in words, and what to do instead.

import { ask } from "./api.js";
import { element } from "./element.js";
import { inWords, readersZone } from "./local-time.js";

// `again_seconds`: the page asks again by itself, for these pass without the caller doing anything.
const STOPS = {
  finished: { title: "Every voter on this list has been called", elsewhere: true },
  closed: { title: "This phone bank has ended", elsewhere: true },
  "not-open-yet": { title: "This phone bank is not open yet", elsewhere: true, again_seconds: 30 },
  "nobody-to-call": { title: "There is nobody to call right now", elsewhere: true, again_seconds: 60 },
  "being-prepared": { title: "These voters are being made ready", elsewhere: true, again_seconds: 4 },
  paused: { title: "This phone bank is paused", elsewhere: true, again_seconds: 30 },
  "outside-hours": { title: "It is too early or too late to call these voters", elsewhere: true },
  "all-in-progress": { title: "Every voter left is being called right now", elsewhere: true, again_seconds: 15 },
  "other-languages": { title: "Everybody left speaks another language", elsewhere: true, again_seconds: 60 },
  "training-required": { title: "A training comes first", elsewhere: true, again_seconds: 5 },
  offline: {
    title: "There is no connection right now",
    sentence: "What you recorded is kept. The next voter comes up as soon as you are back online.",
    again_seconds: 10,
  },
};
const BY_STATUS = {
  401: { title: "Please log in to call" },
  403: { title: "You cannot call in this phone bank", elsewhere: true },
  404: { title: "This phone bank does not exist", elsewhere: true },
  409: { title: "There is nobody to call here right now", elsewhere: true, again_seconds: 30 },
  429: { title: "You have seen many voters in a short time", elsewhere: true },
};
const BROKEN = { title: "Something went wrong on our side", again_seconds: 20 };

/** How to show this error: `{name, title, sentence, elsewhere, again_seconds, body, status}`. */
export function stopFor(error) {
  const known = STOPS[error.name] ?? BY_STATUS[error.status] ?? BROKEN;
  const again = error.retryAfterSeconds ?? known.again_seconds ?? null;
  return { ...known, again_seconds: again, name: error.name, status: error.status, sentence: known.sentence ?? error.message, body: error.body ?? {} };
}

function openings({ next_opening: at, zones = [] }) {
  if (!at) return "";
  const mine = readersZone();
  const rows = [mine, ...zones.filter((zone) => zone !== mine)];
  return element("div", { class: "card openings" },
    element("p", { class: "label" }, "Calling opens again"),
    element("dl", { class: "facts" }, rows.flatMap((zone) => [
      element("dt", {}, zone === mine ? "Your time" : zone.split("/").pop().replaceAll("_", " ")),
      element("dd", {}, element("time", { datetime: at }, inWords(at, "full", zone))),
    ])));
}

const windowInWords = ({ opens, closes }) => (opens === closes ? "no calls" : `${opens.slice(0, 5)}–${closes.slice(0, 5)}`);

/** The week of a bank that is still to open, days in a row with the same hours as one line, then the days of its own. */
function callingHours({ hours }) {
  if (!hours?.days?.length) return "";
  const lines = [];
  for (const { day, window } of hours.days) {
    const said = windowInWords(window);
    const name = day.charAt(0).toUpperCase() + day.slice(1);
    if (lines.at(-1)?.said === said) lines.at(-1).last = name;
    else lines.push({ first: name, last: name, said });
  }
  const today = new Date().toISOString().slice(0, 10);
  for (const { date, window } of (hours.dates ?? []).filter((each) => each.date >= today)) {
    const name = new Date(`${date}T12:00`).toLocaleDateString(undefined, { dateStyle: "medium" });
    lines.push({ first: name, last: name, said: windowInWords(window) });
  }
  return element("div", { class: "card openings" },
    element("p", { class: "label" }, "Once it is open, by the voters’ own clock"),
    element("dl", { class: "facts" }, lines.flatMap(({ first, last, said }) => [
      element("dt", {}, first === last ? first : `${first} to ${last}`),
      element("dd", {}, said),
    ])));
}

function languages({ languages: list = [] }) {
  if (!list.length) return "";
  const named = list.map((each) => each.charAt(0).toUpperCase() + each.slice(1)).join(", ");
  return element("p", {}, `They speak: ${named}. `, element("a", { href: "/you" }, "Say which languages you speak"));
}

function trainings({ trainings: list = [] }) {
  if (!list.length) return "";
  return element("ul", { class: "link-list" }, list.map((training) =>
    element("li", {}, element("a", { href: training.url, target: "_blank", rel: "noopener" },
      element("span", {}, training.title),
      training.starts_at ? element("span", { class: "quiet" }, inWords(training.starts_at, "full")) : ""))));
}

async function otherBanks(organization, bank) {
  const { body } = await ask("GET", `/queue/phone-banks?organization=${encodeURIComponent(organization)}`);
  return body.phone_banks.filter((each) => each.bank_id !== bank && !each.practice && each.callable_now > 0);
}

async function offerOthers(place, organization, bank) {
  let others = [];
  try {
    others = await otherBanks(organization, bank);
  } catch {
    return; // The link to the Calls Page below leads to the same list.
  }
  if (!others.length) return;
  place.append(
    element("h2", {}, "Call for somebody else meanwhile"),
    element("ul", { class: "link-list" }, others.map((each) =>
      element("li", {}, element("a", { href: `/call/${encodeURIComponent(each.bank_id)}` },
        element("span", {}, each.candidate), element("span", { class: "quiet" }, `${each.state}, ${each.callable_now} to call now`))))));
}

/** Fills `place` for a stop; `again()` is what its button does. */
export function showStop(place, stop, { bank, candidate, organization, again }) {
  const others = element("div", { class: "others" });
  const logIn = stop.status === 401;
  const heading = element("h1", { tabindex: "-1" }, stop.title);
  place.replaceChildren(
    heading,
    element("p", { class: "lead" }, stop.sentence),
    openings(stop.body),
    callingHours(stop.body),
    trainings(stop.body),
    languages(stop.body),
    element("p", { class: "actions" },
      logIn
        ? element("a", { class: "button button-primary", href: `/log-in?next=${encodeURIComponent(location.pathname)}` }, "Log in")
        : element("button", { class: "button button-primary", type: "button", onclick: again }, stop.button ?? "Try again"),
      organization ? element("a", { class: "button button-secondary", href: `/calls/${encodeURIComponent(organization)}` }, "Calls Page") : "",
      element("button", { class: "button button-secondary", type: "button", "data-share": location.pathname, "data-invite": bank, "data-invite-organization": organization, "data-share-title": `Call voters for ${candidate}` }, "Share")),
    stop.again_seconds ? element("p", { class: "hint" }, "This page looks again by itself.") : "",
    others);
  heading.focus();
  if (stop.elsewhere && organization) offerOthers(others, organization, bank);
}
