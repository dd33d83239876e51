// Composes a universe: every change is counted at once, so that the funnel shows real figures.

import { Problem, ask } from "./api.js";
import { element } from "./element.js";
import { sendAsJson } from "./json-form.js";

const page = document.querySelector("[data-composing]");
const form = page.querySelector("[data-universe]");
const campaign = page.dataset.campaign;
const conditions = JSON.parse(page.dataset.conditions);
const parties = JSON.parse(page.dataset.parties);
const part = (name) => page.querySelector(`[data-${name}]`);
const QUIET_MS = 350;

let choices = [];
let timer;
let asking = new AbortController();

function ticked(name) {
  return Array.from(form.querySelectorAll(`input[name="${name}"]:checked`), (input) => input.value);
}

function lastAttempt() {
  const kind = form.elements.last_attempt.value;
  if (kind === "never") return { never: true };
  const day = form.elements.attempt_day.value;
  // The day begins at midnight where the organizer is.
  return kind && day ? { [kind]: new Date(`${day}T00:00:00`).toISOString() } : null;
}

function ages() {
  const [from, to] = [form.elements.age_from.value, form.elements.age_to.value];
  if (from === "" && to === "") return null;
  return { ...(from === "" ? {} : { from: Number(from) }), ...(to === "" ? {} : { to: Number(to) }) };
}

function support() {
  const chosen = form.elements.support.value;
  if (chosen === "unknown") return { support_known: false };
  if (chosen === "known") return { support_known: true };
  return chosen ? { support_levels: chosen.split(",").map(Number) } : {};
}

function selection() {
  const found = { counties: ticked("county"), parties: ticked("party"), ...support() };
  const { state, has_phone: phone, fictional_only: fictional } = form.elements;
  if (state.value) found.state = state.value;
  if (phone.value) found.has_phone = phone.value === "true";
  if (fictional.checked) found.fictional_only = true;
  if (ages()) found.ages = ages();
  if (lastAttempt()) found.last_attempt = lastAttempt();
  return found;
}

function body(extra = {}) {
  return { campaign_id: campaign, name: form.elements.name.value.trim() || "Preview", selection: selection(), ...extra };
}

function showFunnel(answer) {
  part("total").textContent = answer.voters.toLocaleString();
  part("funnel-words").textContent = answer.voters === 0
    ? "Nobody is left. The table shows which condition removed how many."
    : answer.voters === 1 ? "voter meets every condition." : "voters meet every condition.";
  part("funnel").replaceChildren(...answer.funnel.map((step, at) => element("tr", {},
    element("th", { scope: "row" }, conditions[step.condition] ?? step.condition),
    element("td", { class: "figure" }, at === 0 ? "–" : step.removed.toLocaleString()),
    element("td", { class: "figure" }, step.left.toLocaleString()))));
}

async function count() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  part("funnel-card").setAttribute("aria-busy", "true");
  try {
    const { body: answer } = await ask("POST", "/voters/universes", { body: body({ preview: true }), signal });
    if (signal.aborted) return;
    showFunnel(answer);
  } catch (error) {
    if (signal.aborted) return;
    part("total").textContent = "–";
    part("funnel-words").textContent = error instanceof Problem && error.status === 422 ? "Please mend the conditions: ages run from the younger to the older." : error.message;
    part("funnel").replaceChildren();
  } finally {
    if (!signal.aborted) part("funnel-card").removeAttribute("aria-busy");
  }
}

/** Said at the fields, before anybody is asked; whether they run the right way. */
function checkAges() {
  const { from, to } = ages() ?? {};
  const input = form.elements.age_to;
  const place = form.querySelector('[data-field="age_to"] [data-error]');
  const wrong = from !== undefined && to !== undefined && from > to;
  input.setCustomValidity(wrong ? `This must be ${from} or more: ages run from the younger to the older.` : "");
  place.textContent = input.validationMessage;
  place.hidden = !wrong;
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return !wrong;
}

function countSoon() {
  form.querySelector("[data-form-problem]").hidden = true; // It was about other conditions.
  clearTimeout(timer);
  if (checkAges()) {
    timer = setTimeout(count, QUIET_MS);
    return;
  }
  asking.abort();
  part("funnel-card").removeAttribute("aria-busy");
  part("total").textContent = "–";
  part("funnel-words").textContent = "Please mend the ages first.";
  part("funnel").replaceChildren();
}

function totals(rows, name) {
  const found = new Map();
  for (const row of rows) found.set(row[name], (found.get(row[name]) ?? 0) + row.voters);
  return [...found].sort((one, other) => String(one[0]).localeCompare(String(other[0])));
}

function capitalised(text) {
  return text.replace(/(^|[\s-])\p{L}/gu, (first) => first.toUpperCase());
}

function showCounties() {
  const state = form.elements.state.value;
  const kept = new Set(ticked("county"));
  const found = totals(choices.filter((row) => row.county && (!state || row.state === state)), "county");
  part("county-list").replaceChildren(...found.map(([county, voters], at) => element("div", { class: "check" },
    element("input", { type: "checkbox", id: `county-${at}`, name: "county", value: county, checked: kept.has(county) }),
    element("label", { for: `county-${at}` }, `${capitalised(county)} (${voters.toLocaleString()})`))));
  part("counties").hidden = found.length === 0;
}

function showParties() {
  const found = totals(choices, "party").sort((one, other) => other[1] - one[1]);
  part("party-list").replaceChildren(...found.map(([party, voters]) => element("label", { class: "choice" },
    element("input", { type: "checkbox", name: "party", value: party }),
    element("span", {}, `${parties[party] ?? party} (${voters.toLocaleString()})`))));
  part("party-field").hidden = found.length === 0;
}

async function loadChoices() {
  try {
    choices = (await ask("GET", `/voters/universes/choices?campaign_id=${encodeURIComponent(campaign)}`)).body.choices;
    for (const [state, voters] of totals(choices, "state")) {
      if (state) form.elements.state.append(element("option", { value: state }, `${state} (${voters.toLocaleString()})`));
    }
    showCounties();
    showParties();
  } catch (error) {
    part("choices-problem").textContent = `${error.message} You can still choose by age, phone and calls.`;
    part("choices-problem").hidden = false;
  } finally {
    part("choices-loading").hidden = true;
  }
}

function showAttemptDay() {
  const needed = ["before", "since"].includes(form.elements.last_attempt.value);
  part("attempt-day").hidden = !needed;
  form.elements.attempt_day.required = needed;
}

form.elements.last_attempt.addEventListener("change", showAttemptDay);
form.elements.state.addEventListener("change", showCounties);
form.addEventListener("input", (event) => event.target.name === "name" || countSoon());
sendAsJson(form, {
  path: "/voters/universes",
  read: () => body(),
  done: (answer) => location.assign(`/campaigns/${encodeURIComponent(campaign)}/universes/${encodeURIComponent(answer.universe_id)}`),
});
// On a phone the sum stays in sight while the form is filled; the table opens on demand.
part("funnel-details").open = matchMedia("(min-width: 60rem)").matches;
showAttemptDay();
loadChoices();
count();
