// The settings of one phone bank: read from the form, sent as JSON; of one that exists, only what was changed.

import { Problem, ask, newKey } from "./api.js";
import { showProblem, takeOver } from "./json-form.js";
import { toast } from "./element.js";
import { findOrganizations } from "./find-organization.js";

const form = document.querySelector("[data-bank-form]");
const { bank, source, campaign } = form.dataset;
const list = form.querySelector("[data-dispositions]");
const field = (name, of = form) => of.elements.namedItem(name);
const DATE = /^(\d{4}-\d{2}-\d{2})\s+(?:(closed)|(\d{2}:\d{2})\s*(?:-|–|to)\s*(\d{2}:\d{2}))$/;

/** A fault that the form finds by itself, at the field it is about. */
function fault(name, message, detail = message) {
  return new Problem(422, { detail, errors: [{ field: name, message }] });
}

function windowOf(opens, closes) {
  return { opens, closes };
}

function hours(of) {
  const days = Array.from(of.querySelectorAll("[data-day]"), (each) => {
    const [opens, closes] = ["[data-opens]", "[data-closes]"].map((part) => each.querySelector(part));
    const name = each.querySelector("legend").textContent;
    if (each.querySelector("[data-no-calls]").checked) return { day: each.dataset.day, window: windowOf(opens.min, opens.min) };
    const fits = opens.value >= opens.min && closes.value <= closes.max && opens.value < closes.value;
    if (!fits) throw fault("hours", `${name}: choose hours within ${opens.min} and ${closes.max}, or tick “no calls”.`);
    return { day: each.dataset.day, window: windowOf(opens.value, closes.value) };
  });
  return { days, dates: dates(of) };
}

function dates(of) {
  const lines = field("dates", of).value.split("\n").map((line) => line.trim()).filter(Boolean);
  return lines.map((line) => {
    const found = DATE.exec(line);
    if (!found) throw fault("dates", `“${line}”: write a date and its hours, as 2026-11-03 09:00-18:00, or “closed”.`);
    const [, date, closed, opens, closes] = found;
    return { date, window: closed ? windowOf("08:00", "08:00") : windowOf(opens, closes) };
  });
}

function organizations(of) {
  if (field("who", of).value === "all") return [];
  const chosen = Array.from(of.querySelectorAll("[data-organization]:checked"), (each) => each.value);
  if (!chosen.length) throw fault("organization_ids", "Choose at least one organization, or let every one call.");
  return chosen;
}

function dispositions(of) {
  const shown = Array.from(of.querySelector("[data-dispositions]").children, (each) => {
    const said = (part, usual) => {
      const words = each.querySelector(part).value.trim();
      return words === usual ? "" : words;
    };
    return {
      value: each.dataset.disposition,
      label: said("[data-label]", each.dataset.usualLabel),
      help: said("[data-help]", each.dataset.usualHelp),
      place: each.querySelector("[data-place]").value,
    };
  });
  return JSON.stringify(shown) === usualDispositions ? [] : shown;
}

/** What a form says: this one, or the one that the server sent. */
function read(of = form) {
  const closesAt = field("closes_at", of).value;
  const settings = {
    name: field("name", of).value.trim(),
    candidate: field("candidate", of).value.trim(),
    purpose: field("purpose", of).value,
    hours: hours(of),
    organization_ids: organizations(of),
    messages_allowed: field("messages_allowed", of).checked,
    attempts_max: field("attempts_max", of).valueAsNumber,
    closes_at: closesAt ? new Date(closesAt).toISOString() : null,
    message_words: field("message_words", of).value.trim(),
    caller_note: field("caller_note", of).value.trim(),
    dispositions: dispositions(of),
  };
  if (bank) return settings;
  return { ...settings, state: field("state", of).value, universe_id: field("universe_id", of).value, practice: field("practice", of).checked };
}

/** The settings that the server sent, whatever was typed or put back before this script came. */
function served() {
  const copy = form.cloneNode(true);
  copy.reset();
  const { value, dataset } = field("closes_at", copy);
  if (!value && dataset.moment) field("closes_at", copy).value = localMoment(dataset.moment);
  return read(copy);
}

function isChanged() {
  try {
    return JSON.stringify(read()) !== JSON.stringify(known);
  } catch {
    return true; // To what cannot be read yet.
  }
}

function showChosen() {
  form.querySelector("[data-chosen]").hidden = field("who").value === "all";
}

function send(settings) {
  if (bank) {
    const changes = Object.fromEntries(Object.entries(settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name])));
    return Object.keys(changes).length ? ask("PATCH", `/queue/phone-banks/${encodeURIComponent(bank)}`, { body: changes, key }) : null;
  }
  if (source) return ask("POST", `/queue/phone-banks/${encodeURIComponent(source)}/clones`, { body: settings, key });
  return ask("POST", "/queue/phone-banks", { body: { campaign_id: campaign, ...settings }, key });
}

// "name: give 1 to 120 characters." is about the field of this name.
function atItsField(error) {
  const found = /^(\w+): (.+)$/s.exec(error.message);
  if (found && !error.body?.errors && error.body) error.body.errors = [{ field: found[1], message: found[2] }];
  return error;
}

function clearErrors() {
  for (const place of form.querySelectorAll("[data-error]")) place.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  form.querySelector("[data-form-problem]").hidden = true;
}

function missing() {
  const input = Array.from(form.elements).find((each) => each.name && !each.disabled && each.willValidate && !each.checkValidity() && !each.closest("[data-day]"));
  const label = input?.labels?.[0]?.firstChild.textContent.trim();
  return input && fault(input.name, input.validationMessage, `${label}: ${input.validationMessage}`);
}

let key = newKey();
let known = {};
let sending = false;
let usualDispositions = "";

async function submit(event) {
  event.preventDefault();
  if (sending) return;
  clearErrors();
  const button = form.querySelector("[type=submit]");
  sending = true;
  button.setAttribute("aria-busy", "true");
  try {
    const wrong = missing();
    if (wrong) throw wrong;
    const settings = read();
    const answer = await send(settings);
    key = newKey();
    known = settings;
    delete form.dataset.unsaved;
    if (!bank) location.assign(`/campaigns/${encodeURIComponent(campaign)}/set-up/${encodeURIComponent(answer.body.bank_id)}`);
    else toast(answer ? "Saved. Callers have it within seconds." : "Nothing was changed.");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    showProblem(form, atItsField(error));
  } finally {
    sending = false;
    button.removeAttribute("aria-busy");
  }
}

function move(button) {
  const item = button.closest("li");
  const isUp = button.dataset.up !== undefined;
  const other = isUp ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (isUp) other.before(item);
  else other.after(item);
  form.dataset.unsaved = "";
  button.focus();
}

function localMoment(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// Only what differs from the usual order, words and places is worth saying.
function rememberUsual() {
  const USUAL_FIRST = 7;
  const order = ["not_home", "busy", "wrong_number", "disconnected", "refused", "deceased", "canvassed",
    "call_back", "hung_up", "do_not_call", "moved", "language_barrier", "left_message"];
  usualDispositions = JSON.stringify(order.map((value, at) => ({ value, label: "", help: "", place: at < USUAL_FIRST ? "first" : "more" })));
}

rememberUsual();
const ends = field("closes_at");
if (ends.dataset.moment && !ends.value) ends.value = localMoment(ends.dataset.moment);
form.addEventListener("input", () => {
  key = newKey();
  form.dataset.unsaved = "";
});
form.addEventListener("submit", submit);
form.addEventListener("change", (event) => {
  if (event.target.name === "who") showChosen();
});
list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-up], [data-down]");
  if (button) move(button);
});
if (bank) {
  known = served();
  if (isChanged()) form.dataset.unsaved = "";
}
showChosen();
findOrganizations(form.querySelector("[data-chosen]"));
takeOver(form);
