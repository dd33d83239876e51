// Sets the installation up, once: the token goes out in the body alone, and is kept nowhere.

import { rememberAddress } from "./account-links.js";
import { sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-set-up]");
const done = document.querySelector("[data-done]");

/** `organizer.email` is the email of the organizer, as the API has it. */
function nested({ elements }) {
  const body = {};
  for (const { name, value, type } of elements) {
    if (!name) continue;
    const [first, second] = name.split(".");
    const kept = type === "password" ? value : value.trim();
    if (second) (body[first] ??= {})[second] = kept;
    else body[first] = kept;
  }
  return body;
}

sendAsJson(form, {
  path: "/identity/setup",
  read: nested,
  refused: (error) => {
    if (error.name === "setup-token-wrong") error.body.errors = [{ field: "setup_token", message: error.message }];
    return false;
  },
  done: ({ campaign_id: campaign }) => {
    // The campaign's own page is a moment behind; the team's is there at once.
    const team = `/campaigns/${encodeURIComponent(campaign)}/team`;
    done.querySelector("a").href = `/log-in?next=${encodeURIComponent(team)}`;
    rememberAddress(form.elements["organizer.email"].value.trim());
    form.reset();
    form.hidden = true;
    document.querySelector("[data-lead]").hidden = true;
    done.hidden = false;
    done.querySelector("h2").focus();
  },
});
