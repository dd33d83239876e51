// The caller's own page: what they tell of themselves, their password, logging out, erasing.

import { ask, newKey } from "./api.js";
import { toast } from "./element.js";
import { sendAsJson } from "./json-form.js";
import { chosenLanguages } from "./languages.js";

const profile = document.querySelector("[data-profile]");
const password = document.querySelector("[data-password]");
const erase = document.querySelector("[data-erase]");
const { phone, reminders, recruitment } = profile.elements;

function readProfile({ elements }) {
  const number = phone.value.trim();
  return {
    first_name: elements.first_name.value.trim(),
    last_name: elements.last_name.value.trim(),
    phone: number || null,
    street: elements.street.value.trim() || null,
    consents: { reminders: Boolean(number) && reminders.checked, recruitment: Boolean(number) && recruitment.checked },
    languages: chosenLanguages(profile),
  };
}

/** Says "saved" until the next change. */
function sayWhenSaved(form) {
  const saved = form.querySelector("[data-saved]");
  form.addEventListener("input", () => (saved.hidden = true));
  return () => (saved.hidden = false);
}

async function logOutEverywhere() {
  try {
    await ask("DELETE", "/identity/sessions");
    location.assign("/");
  } catch (error) {
    toast(error.message);
  }
}

async function mailCode(form) {
  const said = form.querySelector("[data-mailed]");
  try {
    await ask("POST", "/identity/callers/current/codes", { body: {}, key: newKey() });
    said.textContent = "It is on its way.";
  } catch (error) {
    said.textContent = error.message;
  }
}

phone.addEventListener("input", () => (profile.querySelector("[data-consents]").hidden = phone.value.trim() === ""));
sendAsJson(profile, {
  path: "/identity/callers/current",
  method: "PUT",
  read: readProfile,
  done: sayWhenSaved(profile),
});

const sayPasswordKept = sayWhenSaved(password);
sendAsJson(password, {
  path: "/identity/callers/current/password",
  method: "PUT",
  read: ({ elements }) => ({
    current: elements.current?.value ?? null,
    code: elements.code?.value.trim() ?? null,
    password: elements.password.value,
  }),
  done: () => {
    password.reset();
    sayPasswordKept();
  },
});

document.querySelector("[data-log-out-everywhere]").addEventListener("click", logOutEverywhere);
for (const form of [password, erase]) {
  form.querySelector("[data-mail-code]")?.addEventListener("click", () => mailCode(form));
}
sendAsJson(erase, {
  path: "/identity/callers/current/erasure",
  read: ({ elements }) => {
    const { type, value } = elements.proof;
    return type === "password" ? { password: value } : { code: value.trim() };
  },
  done: () => location.assign("/"),
});
