// An assignment goes back uncalled: skipped, left, or left behind in another phone bank.

import { ask, newKey } from "./api.js";
import { dropDraft, isBegun, loadDraft } from "./drafts.js";
import { toast } from "./element.js";

export async function letGo(id, reason) {
  try {
    await ask("DELETE", `/queue/assignments/${encodeURIComponent(id)}?reason=${reason}`, { key: newKey() });
  } catch (error) {
    if (![404, 409, 410].includes(error.status)) throw error; // Already given back: what was asked for.
  }
  dropDraft(id);
}

// Whoever chose another phone bank has left the voter of the one before, unless a call was begun there.
export async function leftBehind(assignment) {
  if (isBegun(loadDraft(assignment.assignment_id))) {
    toast("You were in a call of another phone bank: save it, or skip, and go on here.");
    return false;
  }
  await letGo(assignment.assignment_id, "left");
  return true;
}
