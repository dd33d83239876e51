// Creates an ActionID account, then says where the confirmation went.

import { rememberAddress } from "./account-links.js";
import { nextPath, sendAsJson } from "./json-form.js";
import { chosenLanguages } from "./languages.js";

const form = document.querySelector("[data-sign-up]");
const consents = form.querySelector("[data-consents]");
const phone = form.elements.phone;

function showConsents() {
  consents.hidden = phone.value.trim() === "";
}

function read({ elements }) {
  const caller = {
    email: elements.email.value.trim(),
    password: elements.password.value,
    first_name: elements.first_name.value.trim(),
    last_name: elements.last_name.value.trim(),
    languages: chosenLanguages(form),
  };
  if (phone.value.trim()) {
    caller.phone = phone.value.trim();
    caller.consents = { reminders: elements.reminders.checked, recruitment: elements.recruitment.checked };
  }
  const next = nextPath("");
  if (next) caller.next = next;
  return caller;
}

showConsents();
phone.addEventListener("input", showConsents);
sendAsJson(form, {
  path: "/identity/callers",
  read,
  done: () => {
    rememberAddress(form.elements.email.value.trim());
    location.assign("/check-mail");
  },
});
