// The half-filled form of an assignment, on this device until it is saved or given back.

import { newKey } from "./api.js";

const PREFIX = "phonebank.draft.";
const KEPT_MS = 24 * 60 * 60 * 1000;

function store() {
  try {
    return localStorage;
  } catch {
    return null; // Storage is off: a reload then starts with an empty form.
  }
}

function empty() {
  return { key: newKey(), spoke_with: null, answers: {}, results: {} };
}

/** The draft kept for this assignment, or an empty one. Old drafts are cleared on the way. */
export function loadDraft(assignmentId) {
  dropOld();
  try {
    const kept = JSON.parse(store()?.getItem(PREFIX + assignmentId) ?? "null");
    return kept ? kept.draft : empty();
  } catch {
    return empty();
  }
}

/** Whether anything was said in this draft. */
export function isBegun(draft) {
  const results = Object.values(draft.results);
  return draft.spoke_with !== null || Object.keys(draft.answers).length > 0 || results.some((each) => each.disposition || each.notes);
}

export function keepDraft(assignmentId, draft) {
  try {
    store()?.setItem(PREFIX + assignmentId, JSON.stringify({ kept_at: Date.now(), draft }));
  } catch {
    // The quota is used up: the form still works, it just does not survive a reload.
  }
}

export function dropDraft(assignmentId) {
  store()?.removeItem(PREFIX + assignmentId);
}

function dropOld() {
  const kept = store();
  if (!kept) return;
  for (const name of Object.keys(kept).filter((each) => each.startsWith(PREFIX))) {
    const age = Date.now() - (JSON.parse(kept.getItem(name) ?? "{}").kept_at ?? 0);
    if (age > KEPT_MS) kept.removeItem(name);
  }
}
