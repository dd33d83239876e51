// Logs in and goes straight on to what was chosen before, else to where one begins; helps who has
// not confirmed yet.

import { rememberAddress, rememberedAddress } from "./account-links.js";
import { ask, newKey } from "./api.js";
import { nextPath, sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-log-in]");
const unconfirmed = form.querySelector("[data-unconfirmed]");
const resend = form.querySelector("[data-resend]");
const resent = form.querySelector("[data-resent]");
const email = form.elements.email;

async function sendAgain() {
  resend.setAttribute("aria-busy", "true");
  try {
    await ask("POST", "/identity/confirmations/resend", { body: { email: email.value.trim() }, key: newKey() });
    resent.textContent = "Sent. Give it a minute.";
  } catch (error) {
    resent.textContent = error.message;
  } finally {
    resend.removeAttribute("aria-busy");
  }
}

// The Calls Page the visitor came from says whose volunteer is calling.
function cameFrom() {
  const organization = new URL(nextPath("/"), location.origin).searchParams.get("organization");
  return organization ? { organization } : {};
}

email.value ||= rememberedAddress(); // Whoever was faster than this script has typed it.
document.querySelector("[data-going]").hidden = !/^\/call\/[^/?]+(\?|$)/.test(nextPath(""));
form.addEventListener("submit", () => (unconfirmed.hidden = true));
resend.addEventListener("click", sendAgain);
sendAsJson(form, {
  path: "/identity/sessions",
  read: ({ elements }) => ({ email: elements.email.value.trim(), password: elements.password.value, ...cameFrom() }),
  done: (body) => location.assign(nextPath(body.home ?? "/")),
  refused: (error) => {
    if (!error.name.includes("confirm")) return false;
    rememberAddress(email.value.trim());
    unconfirmed.hidden = false;
    unconfirmed.focus();
    return true;
  },
});
