// The call screen: one voter after the other, without a reload and without losing a result.

import { Offline, ask, newKey } from "./api.js";
import { dropDraft } from "./drafts.js";
import { element, toast } from "./element.js";
import { CallForm } from "./form.js";
import { listenForKeys } from "./keys.js";
import { isWorking, keepOpen } from "./live.js";
import { showLease, showOutbox, showWithdrawn } from "./notices.js";
import { Outbox, dropReceipt, receiptOf } from "./outbox.js";
import { showStop, stopFor } from "./stops.js";
import { tick } from "./voter.js";

const page = document.querySelector("[data-call]");
const root = page.querySelector("form");
const part = (name) => page.querySelector(`[data-${name}]`);
const { bank, candidate } = page.dataset;
const { caller = "", organization = "" } = document.body.dataset;

let form = null;
let watch = null;
let request = null; // The next voter being asked for: one key until an answer arrives.
let againTimer = null;
let saving = false;
let asking = false;
let stopped = null; // Why the stop screen is up.

const outbox = new Outbox(caller, { changed: (entries) => showOutbox(part("outbox"), entries, outbox), recorded });

function show(screen) {
  clearTimeout(againTimer);
  root.inert = false;
  stopped = null;
  part("connection").hidden = screen !== "call";
  for (const each of page.querySelectorAll("[data-screen]")) each.hidden = each.dataset.screen !== screen;
}

function close() {
  watch?.stop();
  watch = form = null;
}

function open(assignment) {
  close();
  form = new CallForm(root, assignment);
  part("progress").textContent = progress(assignment.progress.calls_today);
  if (assignment.script.thanks) part("ending").textContent = assignment.script.thanks;
  showProblem(null);
  part("withdrawn").replaceChildren();
  showSkip(false);
  show("call");
  window.scrollTo(0, 0);
  page.querySelector("#call-heading").focus({ preventScroll: true });
  watch = keepOpen(assignment, {
    withdrawn: (news) => showWithdrawn(part("withdrawn"), news, assignment.voters, () => skip("skipped")),
    lease: (state) => showLease(part("lease"), state, () => watch.extend()),
    connection: (state) => showConnection(state),
  });
}

function progress(calls) {
  return calls === 1 ? "1 call today" : `${calls} calls today`;
}

function showConnection(state) {
  part("connection").dataset.state = state;
  part("connection").textContent = state === "live" ? "Connected" : "Connecting";
}

function stop(error) {
  close();
  const reason = stopFor(error);
  const same = JSON.stringify(reason) === JSON.stringify(stopped);
  show("stop");
  stopped = reason;
  // Looking again and finding the same must not move anybody's focus.
  if (!same) showStop(page.querySelector("[data-screen=stop]"), reason, { bank, candidate, organization, again: next });
  if (reason.again_seconds) askAgainIn(reason.again_seconds);
}

// Nobody is handed a voter while away from the page: a leased line must not wait for an empty chair.
function askAgainIn(seconds) {
  againTimer = setTimeout(() => (document.hidden || !isWorking() ? askAgainIn(seconds) : next()), seconds * 1000);
}

async function next() {
  if (asking) return;
  asking = true;
  try {
    await askForNext();
  } finally {
    asking = false;
  }
}

async function askForNext() {
  if (!form && page.querySelector("[data-screen=stop]").hidden) show("loading");
  const unsent = await outbox.flush();
  const receipt = receiptOf(caller, bank);
  if (unsent && outbox.waiting.some((entry) => entry.bank === bank)) return stop(unsent);
  if (!request || request.receipt !== receipt) request = { key: newKey(), receipt };
  try {
    const body = receipt ? { receipt } : {};
    const answer = await ask("POST", `/queue/phone-banks/${encodeURIComponent(bank)}/assignments`, { body, key: request.key });
    request = null;
    dropReceipt(caller, bank);
    open(answer.body);
  } catch (error) {
    if (error.status === undefined && !(error instanceof Offline)) throw error;
    if (receipt && (error.status === 422 || error.status === 400)) {
      dropReceipt(caller, bank); // An old receipt only saves time; the bank knows the result anyway.
      return askForNext();
    }
    if (!(error instanceof Offline) && !error.isPassing) request = null;
    stop(error);
  }
}

function recorded(entry) {
  dropDraft(entry.assignment);
  if (entry.summary) {
    part("last-call").textContent = `Saved. ${entry.summary}`;
    part("last-call").hidden = false;
  }
}

async function save() {
  if (!form || saving) return;
  const missing = form.missing();
  showProblem(missing?.[0]);
  if (missing) return missing[1].focus();
  saving = true;
  root.querySelector(".save").setAttribute("aria-busy", "true");
  root.inert = true; // A saved form must not change: its key stands for exactly this body.
  try {
    await send();
  } finally {
    saving = false;
    root.inert = false;
    root.querySelector(".save").removeAttribute("aria-busy");
  }
}

async function send() {
  part("last-call").hidden = true;
  const { key } = form.draft;
  outbox.put({ key, bank, assignment: form.assignment.assignment_id, body: form.body(), summary: form.summary() });
  const unsent = await outbox.flush();
  const refused = outbox.entries.find((entry) => entry.key === key)?.refusal;
  if (refused) return mend(key, refused);
  if (!unsent) return next();
  close();
  stop(unsent);
}

// The server declined this one for good: the caller mends it here, and it goes out as a new request.
function mend(key, sentence) {
  outbox.drop(key);
  form.draft.key = newKey();
  form.keep();
  showProblem(sentence);
}

function showProblem(sentence) {
  const place = part("call-problem");
  place.replaceChildren(sentence ? element("p", {}, sentence) : "");
  place.hidden = !sentence;
}

function showSkip(open) {
  part("skip-reasons").hidden = !open;
  part("skip").setAttribute("aria-expanded", String(open));
  if (open) part("skip-reasons").querySelector("button").focus();
}

async function giveBack(reason) {
  const id = form.assignment.assignment_id;
  try {
    await ask("DELETE", `/queue/assignments/${encodeURIComponent(id)}?reason=${reason}`, { key: newKey() });
  } catch (error) {
    if (![404, 409, 410].includes(error.status)) throw error; // Already given back: what was asked for.
  }
  dropDraft(id);
  close();
}

async function skip(reason) {
  try {
    await giveBack(reason);
    await next();
  } catch (error) {
    toast(error.message);
  }
}

async function stopCalling() {
  try {
    await giveBack("left");
    show("stop");
    showStop(page.querySelector("[data-screen=stop]"), {
      title: "Thank you for calling today", sentence: `${part("progress").textContent}. Every call is a good call.`, body: {}, button: "Call again",
    }, { bank, candidate, organization, again: next });
  } catch (error) {
    toast(error.message);
  }
}

root.addEventListener("change", () => showProblem(null));
root.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
part("skip").addEventListener("click", () => showSkip(part("skip-reasons").hidden));
part("skip-reasons").addEventListener("click", (event) => event.target.dataset.reason && skip(event.target.dataset.reason));
part("stop").addEventListener("click", stopCalling);
addEventListener("online", () => stopped?.name === "offline" && next());
listenForKeys(part("keys"), { save, number: (number) => form?.pressed(number) });
showOutbox(part("outbox"), outbox.entries, outbox);
tick();
next();
