// Gives and takes roles of one campaign or one organization.

import { ask, newKey } from "./api.js";
import { sendAsJson } from "./json-form.js";
import { reloadAndSay } from "./said.js";

const TRY_EVERY_MS = 400;
const TRIES_MAX = 15;
const section = document.querySelector("[data-roles]");
const problem = section.querySelector("[data-problem]");
const give = section.querySelector("[data-give]");
const here = { [section.dataset.place]: section.dataset.placeId };

async function take(button) {
  const { take: role, from, name } = button.dataset;
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await ask("POST", "/identity/roles/withdrawals", { body: { role, caller_id: from, ...here }, key: newKey() });
    reloadAndSay(`The role is taken from ${name}, who is logged out everywhere.`);
  } catch (error) {
    problem.querySelector("p").textContent = error.message;
    problem.hidden = false;
    problem.focus();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Lists are a moment behind: whether the page has somebody who is new on it, within some seconds. */
async function listed(callerId) {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const page = await fetch(location.pathname, { cache: "no-store" });
    if ((await page.text()).includes(`data-member="${callerId}"`)) return true;
    await new Promise((resume) => setTimeout(resume, TRY_EVERY_MS));
  }
  return false;
}

section.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take]");
  if (button) take(button);
});

sendAsJson(give, {
  path: "/identity/roles",
  read: ({ elements }) => ({ email: elements.email.value.trim(), role: elements.role.value, ...here }),
  done: async ({ caller_id: callerId }) => {
    const isListed = await listed(callerId);
    reloadAndSay(isListed ? "The role is given." : "The role is given. The list shows it in a moment; load the page again.");
  },
});
