// Logs in with e-mail and organization: at once in a browser that is known, else with a mailed code.

import { rememberAddress, rememberedAddress } from "./account-links.js";
import { ask, newKey } from "./api.js";
import { nextPath, sendAsJson, showProblem } from "./json-form.js";
import { suggestNames } from "./organization-names.js";

const who = document.querySelector("[data-who]");
const code = document.querySelector("[data-code]");
const suggest = suggestNames(who);
const sent = code.querySelector("[data-sent]");

function named() {
  const { email, organization } = who.elements;
  return { email: email.value.trim(), organization: organization.value.trim() };
}

function goOn(body) {
  location.assign(nextPath(body.calls_page ?? "/"));
}

async function mailCode() {
  const next = nextPath("");
  await ask("POST", "/identity/session-codes", { body: { ...named(), ...(next ? { next } : {}) }, key: newKey() });
}

async function askForCode() {
  try {
    await mailCode();
  } catch (error) {
    if (!suggest(error)) showProblem(who, error);
    return;
  }
  rememberAddress(named().email);
  code.querySelector("[data-mailed-to]").textContent = named().email;
  who.hidden = true;
  code.hidden = false;
  code.elements.code.focus();
}

async function sendAgain() {
  sent.textContent = "";
  try {
    await mailCode();
    sent.textContent = "A new code is on its way; the one before it no longer works.";
  } catch (error) {
    showProblem(code, error);
  }
}

who.elements.email.value ||= rememberedAddress();
document.querySelector("[data-going]").hidden = !/^\/call\/[^/?]+(\?|$)/.test(nextPath(""));
code.elements.remember.checked = true;
code.querySelector("[data-again]").addEventListener("click", sendAgain);
sendAsJson(who, {
  path: "/identity/sessions",
  read: named,
  done: goOn,
  refused: (error) => {
    if (error.name === "code-needed") {
      askForCode();
      return true;
    }
    return suggest(error);
  },
});
sendAsJson(code, {
  path: "/identity/sessions",
  read: ({ elements }) => ({ ...named(), code: elements.code.value.trim(), remember: elements.remember.checked }),
  done: goOn,
});
