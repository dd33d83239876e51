// One call and one voter of it: what was recorded fills the form, what is saved is all of it anew.

import { ask } from "./api.js";
import { AnswerSheet } from "./answer-sheet.js";
import { element } from "./element.js";
import { ENDINGS, endingInWords, short } from "./endings.js";
import { sendAsJson } from "./json-form.js";
import { inWords } from "./local-time.js";

const page = document.querySelector("[data-correction]");
const part = (name) => page.querySelector(`[data-${name}]`);
const form = part("form");
const path = `/results/calls/${encodeURIComponent(page.dataset.call)}`;

let told = null; // The result as it is recorded.
let answers = null;

const voterName = (result) => result.voter_name ?? `Voter ${short(result.voter_id)}`;

function fact(name, ...value) {
  return [element("dt", {}, name), element("dd", {}, value)];
}

function radios(place, name, options) {
  place.replaceChildren(...options.map(([value, label]) =>
    element("label", { class: "choice" }, element("input", { type: "radio", name, value }), element("span", {}, label))));
}

function localMoment(at) {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function chosen(name) {
  return form.elements.namedItem(name).value;
}

/** Shows only what the ending and the speaker leave to be said. */
function update() {
  const ending = chosen("disposition");
  const speaker = chosen("spoke_with");
  part("ending-help").textContent = ENDINGS.find(([value]) => value === ending)?.[2] ?? "";
  part("if-language").hidden = ending !== "language_barrier";
  part("if-disconnected").hidden = ending !== "disconnected";
  part("answers").hidden = speaker !== told.voter_id || !answers.asks;
  part("hearsay").hidden = speaker === told.voter_id || speaker === "nobody";
  if (ending === "call_back") part("promise").open = true;
}

function show(call) {
  const wanted = new URLSearchParams(location.search).get("voter");
  told = call.results.find((each) => each.voter_id === wanted) ?? call.results[0];
  if (!told) throw new Error("Another result counts for this call; you find it in the list of calls.");
  part("told").replaceChildren(
    ...fact("Voter", voterName(told)),
    ...fact("Called", element("time", { datetime: call.called_at }, inWords(call.called_at, "full"))),
    ...fact("Caller", short(call.caller_id)),
    ...fact("Recorded as", endingInWords(told.disposition), told.is_corrected ? " (corrected)" : ""));
  showOthers(call);
  const household = call.voter_ids.filter((each) => each !== told.voter_id);
  radios(part("who"), "spoke_with", [
    [told.voter_id, voterName(told)],
    ...household.map((each) => {
      const other = call.results.find((result) => result.voter_id === each);
      return [each, other ? voterName(other) : `Voter ${short(each)}`];
    }),
    ["other", "Someone else"], ["nobody", "Nobody"]]);
  radios(part("endings"), "disposition", ENDINGS.map(([value, label]) => [value, label]));
  answers = new AnswerSheet(part("questions"), call.script.questions ?? [], told.answers, call.script.candidate);
  fill();
  update();
}

function showOthers(call) {
  const others = call.results.filter((each) => each !== told);
  part("others").hidden = others.length === 0;
  part("others").replaceChildren("Others on this line: ", ...others.flatMap((each, at) => [
    at ? ", " : "", element("a", { href: `?voter=${encodeURIComponent(each.voter_id)}` }, voterName(each))]));
}

function fill() {
  form.elements.namedItem("spoke_with").value = told.spoke_with;
  form.elements.namedItem("disposition").value = told.disposition;
  for (const name of ["language", "hearsay", "notes"]) form.elements.namedItem(name).value = told[name] ?? "";
  form.elements.namedItem("definite").checked = told.definite;
  form.elements.namedItem("at").value = told.promise ? localMoment(told.promise.at) : "";
  form.elements.namedItem("number").value = told.promise?.number ?? "";
  form.elements.namedItem("question").value = told.promise?.question ?? "";
  part("promise").open = Boolean(told.promise);
}

/** What the input says of the moment, unless it is the one recorded: inputs know no seconds. */
function promisedAt() {
  const value = chosen("at");
  if (!value) return null;
  if (told.promise && localMoment(told.promise.at) === value) return told.promise.at;
  return new Date(value).toISOString();
}

function read() {
  const text = (name) => chosen(name).trim() || null;
  const at = promisedAt();
  const fromTheVoter = chosen("spoke_with") === told.voter_id;
  return {
    voter_id: told.voter_id,
    spoke_with: chosen("spoke_with"),
    disposition: chosen("disposition"),
    answers: fromTheVoter ? answers.read() : {},
    hearsay: part("hearsay").hidden ? null : text("hearsay"),
    notes: text("notes"),
    language: chosen("disposition") === "language_barrier" ? text("language") : null,
    definite: chosen("disposition") === "disconnected" && form.elements.namedItem("definite").checked,
    promise: at ? { at, number: text("number"), question: text("question") } : null,
  };
}

async function load() {
  const { body } = await ask("GET", path);
  show(body);
}

async function saved(body) {
  part("saved").classList.toggle("notice-good", body.changed);
  part("saved-words").textContent = body.changed ? "Put right." : "Nothing was changed.";
  part("saved-help").textContent = body.changed
    ? "Lists, figures and who is called next follow in a moment. What was recorded before stays in the voter’s history."
    : "The call was already recorded as the form says it.";
  part("remarks").textContent = body.notes.join(" ");
  part("remarks").hidden = body.notes.length === 0;
  part("saved").hidden = false;
  part("saved").focus();
  await load();
}

async function start() {
  try {
    await load();
    part("loaded").hidden = false;
  } catch (error) {
    part("problem").querySelector("p").textContent = error.message;
    part("problem").hidden = false;
  }
  part("loading").hidden = true;
}

form.addEventListener("change", () => {
  part("saved").hidden = true;
  update();
});
sendAsJson(form, { path: `${path}/corrections`, read, done: saved });
start();
