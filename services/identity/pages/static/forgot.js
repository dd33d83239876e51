// Asks for the link under which a new password is chosen.

import { rememberAddress, rememberedAddress } from "./account-links.js";
import { nextPath, sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-forgot]");
const sent = form.querySelector("[data-sent]");

form.elements.email.value ||= rememberedAddress();
form.addEventListener("input", () => (sent.hidden = true));
sendAsJson(form, {
  path: "/identity/password-resets",
  read: ({ elements }) => {
    const next = nextPath("");
    return { email: elements.email.value.trim(), ...(next ? { next } : {}) };
  },
  done: () => {
    rememberAddress(form.elements.email.value.trim());
    sent.hidden = false;
  },
});
