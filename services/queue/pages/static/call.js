// The call screen: one voter after the other, without a reload and without losing a result.

import { Offline, ask, newKey } from "./api.js";
import { dropDraft, keepDraft, loadDraft } from "./drafts.js";
import { toast } from "./element.js";
import { Evening } from "./evening.js";
import { CallForm } from "./form.js";
import { leftBehind, letGo } from "./giving-back.js";
import { Hand } from "./hand.js";
import { listenForKeys } from "./keys.js";
import { LastCalls } from "./last-calls.js";
import { isWorking, keepOpen } from "./live.js";
import { showConnection, showLease, showOutbox, showProblem, showWithdrawn } from "./notices.js";
import { offerOtherNumber, otherNumber, voterWithOtherNumber } from "./other-number.js";
import { Outbox, dropReceipt, receiptOf } from "./outbox.js";
import { OwnWords } from "./own-words.js";
import { SkipReasons } from "./skip-reasons.js";
import { showStop, stopFor } from "./stops.js";
import { Undo } from "./undo.js";
import { showLine, tick } from "./voter.js";

const page = document.querySelector("[data-call]");
const root = page.querySelector("form[data-screen]");
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
let savedAt = 0;

const SETTLING_MS = 6_000;
const SETTLING_AGAIN_SECONDS = 2;

const evening = new Evening(part("progress"));
const undo = new Undo(part("undo"), corrected);
const lastCalls = new LastCalls(part("last"), caller, (entry) => undo.show(entry));
const skipping = new SkipReasons(part("skip"), part("skip-reasons"), { chosen: skip, isBlocked: () => undo.isOpen });
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
  showLine(part("line"), assignment, () => form.leftMessage());
  form = new CallForm(root, assignment, loadDraft(assignment.assignment_id), {
    keep: (draft) => {
      keepDraft(assignment.assignment_id, draft);
      offerOtherNumber(part("other-number"), form);
    },
  });
  part("practice").hidden = !assignment.practice;
  offerOtherNumber(part("other-number"), form);
  if (assignment.script.thanks) part("ending").textContent = assignment.script.thanks;
  showProblem(part("call-problem"), null);
  part("withdrawn").replaceChildren();
  skipping.show(false);
  show("call");
  window.scrollTo(0, 0);
  if (!undo.isOpen) page.querySelector("#call-heading").focus({ preventScroll: true });
  watch = keepOpen(assignment, {
    withdrawn: (news) => showWithdrawn(part("withdrawn"), news, assignment.voters, () => skip("skipped")),
    lease: (state) => showLease(part("lease"), state, () => watch.extend()),
    connection: (state) => showConnection(part("connection"), state),
  });
}

function stop(error) {
  close();
  const reason = stopFor(error);
  // The voter just saved counts as being called until the bus has told everybody.
  if (error.name === "all-in-progress" && Date.now() - savedAt < SETTLING_MS) reason.again_seconds = SETTLING_AGAIN_SECONDS;
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
    if (answer.body.bank_id !== bank && (await leftBehind(answer.body))) return askForNext();
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

function recorded(entry, { call_id: callId, notes = [] }) {
  dropDraft(entry.assignment);
  savedAt = Date.now();
  evening.said({ body: entry.body, assignment: entry.said?.assignment });
  if (entry.said) lastCalls.add({ call_id: callId, summary: [entry.summary, ...notes].join(". "), ...entry.said });
}

function corrected(entry, said) {
  lastCalls.corrected(entry.call_id, said);
  evening.readSoon();
}

async function save(then = next) {
  if (undo.isOpen) return undo.save();
  if (!form || saving) return;
  const missing = form.missing();
  showProblem(part("call-problem"), missing?.[0]);
  if (missing) return missing[1].focus();
  saving = true;
  root.querySelector(".save").setAttribute("aria-busy", "true");
  root.inert = true; // A saved form must not change: its key stands for exactly this body.
  try {
    await send(then);
  } finally {
    saving = false;
    root.inert = false;
    root.querySelector(".save").removeAttribute("aria-busy");
  }
}

async function send(then) {
  const { key } = form.draft;
  const { ticket, ...assignment } = form.assignment;
  const said = { assignment, draft: structuredClone(form.draft) };
  outbox.put({ key, bank, assignment: assignment.assignment_id, body: form.body(), summary: form.summary(), said });
  const unsent = await outbox.flush();
  const refused = outbox.entries.find((entry) => entry.key === key)?.refusal;
  if (refused) return mend(key, refused);
  if (!unsent) return then();
  close();
  stop(unsent);
}

// The same voter again, under another number; where there is none to call now, the next voter.
async function saveAndTryOther() {
  const voter = form && voterWithOtherNumber(form);
  if (!voter) return;
  const { assignment_id: id } = form.assignment;
  await save(async () => {
    show("loading");
    try {
      const assignment = await otherNumber(id, voter.voter_id);
      dropReceipt(caller, bank); // It names the call before this one.
      open(assignment);
    } catch (error) {
      if (error.status === undefined && !(error instanceof Offline)) throw error;
      toast(error.message);
      await next();
    }
  });
}

// The server declined this one for good: the caller mends it here, and it goes out as a new request.
function mend(key, sentence) {
  outbox.drop(key);
  form.draft.key = newKey();
  keepDraft(form.assignment.assignment_id, form.draft);
  showProblem(part("call-problem"), sentence);
}

async function giveBack(reason) {
  await letGo(form.assignment.assignment_id, reason);
  close();
}

async function skip(reason) {
  try {
    await giveBack(reason).then(next);
  } catch (error) {
    toast(error.message);
  }
}

async function stopCalling() {
  try {
    await giveBack("left");
    show("stop");
    showStop(page.querySelector("[data-screen=stop]"), {
      title: "Thank you for calling today", sentence: `${evening.words}. Every call is a good call.`, body: {}, button: "Call again",
    }, { bank, candidate, organization, again: next });
  } catch (error) {
    toast(error.message);
  }
}

root.addEventListener("change", () => showProblem(part("call-problem"), null));
root.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
part("other-number").addEventListener("click", saveAndTryOther);
part("stop").addEventListener("click", stopCalling);
addEventListener("online", () => stopped?.name === "offline" && next());
listenForKeys(part("keys"), {
  save: () => save(),
  number: (number) => (undo.isOpen ? undo.form : form)?.pressed(number),
  undo: () => lastCalls.latest && undo.show(lastCalls.latest),
});
new Hand(part("hand"), bank, () => form?.assignment.assignment_id ?? null);
new OwnWords(part("own-words"), bank, caller);
evening.read();
showOutbox(part("outbox"), outbox.entries, outbox);
tick();
next();
