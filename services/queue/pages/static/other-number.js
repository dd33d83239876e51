// The other number of a voter whom this one did not reach: same voter, same caller, at once.

import { ask, newKey } from "./api.js";

// Only what was found out about a number disturbed nobody, so only then may another one ring now.
const ABOUT_THE_NUMBER = new Set(["wrong_number", "disconnected"]);
const TRIES_MAX = 10;
const AGAIN_MS = 1_000;

/** The first voter of the form who has another number and was not reached on this one; or undefined. */
export function voterWithOtherNumber(form) {
  return form.assignment.voters.find((voter) =>
    voter.other_numbers > 0 && ABOUT_THE_NUMBER.has(form.results.of(voter.voter_id).disposition));
}

/** The assignment with the voter's other number. Throws the Problem that says why there is none. */
export async function otherNumber(assignmentId, voterId) {
  const key = newKey();
  const path = `/queue/assignments/${encodeURIComponent(assignmentId)}/other-number`;
  for (let tries = 1; ; tries += 1) {
    try {
      return (await ask("POST", path, { body: { voter_id: voterId }, key })).body;
    } catch (error) {
      // The result reaches the line by the bus, a moment after it was saved.
      if (error.name !== "result-on-its-way" || tries >= TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

export function offerOtherNumber(button, form) {
  button.hidden = !form || !voterWithOtherNumber(form);
}
