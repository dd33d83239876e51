// Puts an organization's words and help contact anew.

import { sendAsJson } from "./json-form.js";
import { reloadAndSay } from "./said.js";

const form = document.querySelector("[data-describe]");

sendAsJson(form, {
  path: new URL(form.action).pathname,
  method: "PUT",
  read: ({ elements }) => ({ help_contact: elements.help_contact.value.trim(), words: elements.words.value.trim() }),
  done: () => reloadAndSay("Saved. The Calls Page shows it in a moment."),
});
