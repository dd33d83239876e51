// Registers at the Bluevote door, then goes on to the log-in with e-mail and organization.

import { askConsentsWithPhone, personIn } from "./about-you.js";
import { rememberAddress } from "./account-links.js";
import { nextPath, sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-register]");

function read({ elements }) {
  const street = elements.street.value.trim();
  return { ...personIn(form), ...(street && { street }) };
}

askConsentsWithPhone(form);
sendAsJson(form, {
  path: "/identity/registrations",
  read,
  done: () => {
    rememberAddress(form.elements.email.value.trim());
    const next = nextPath("");
    location.assign(`/log-in?with=organization${next ? `&next=${encodeURIComponent(next)}` : ""}`);
  },
});
