// A form that talks JSON to the API and shows its problems beside the fields they are about.

import { ask, newKey } from "./api.js";

function showFieldError(form, name, sentence) {
  const input = form.elements.namedItem(name);
  const place = form.querySelector(`[data-field="${CSS.escape(name)}"] [data-error]`);
  if (!input || !place) return false;
  input.setAttribute("aria-invalid", "true");
  place.textContent = sentence;
  place.hidden = false;
  return true;
}

function clearErrors(form) {
  for (const place of form.querySelectorAll("[data-error]")) place.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  form.querySelector("[data-form-problem]").hidden = true;
}

/**
 * Shows a problem above the form, and each of its `errors` ({field, message}) at its field: the one
 * of the whole path (`organization.name`), else of its last part.
 */
export function showProblem(form, error) {
  const missed = [];
  for (const each of error.body?.errors ?? []) {
    const path = String(each.field ?? "");
    const names = [path, path.split(".").pop()];
    if (!names.some((name) => showFieldError(form, name, each.message))) missed.push(each.message);
  }
  const place = form.querySelector("[data-form-problem]");
  place.querySelector("p").textContent = error.message;
  place.hidden = false;
  (form.querySelector("[aria-invalid]") ?? place).focus();
  return missed;
}

function checkInBrowser(form) {
  const faulty = Array.from(form.elements).filter((input) => input.willValidate && !input.checkValidity());
  for (const input of faulty) showFieldError(form, input.name, input.validationMessage);
  faulty[0]?.focus();
  return faulty.length === 0;
}

/** The script has taken the form over: the buttons that waited for it may be pressed. */
export function takeOver(form) {
  for (const button of form.querySelectorAll("[data-waits]")) button.disabled = false;
}

/**
 * Sends `read(form)` to `path` when the form is submitted (POST, unless `method` says), once at a time, under one
 * Idempotency-Key until the answer is known; then calls `done(body, form)`. `refused(error, form)`
 * may take a problem over by answering true.
 */
export function sendAsJson(form, { path, method = "POST", read, done, refused = () => false }) {
  let key = newKey();
  let sending = false;
  form.noValidate = true;
  form.addEventListener("input", () => (key = newKey()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    clearErrors(form);
    if (!checkInBrowser(form)) return;
    sending = true;
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    try {
      const { body } = await ask(method, path, { body: read(form), key });
      key = newKey();
      await done(body, form);
    } catch (error) {
      if (!refused(error, form)) showProblem(form, error);
    } finally {
      sending = false;
      button.removeAttribute("aria-busy");
    }
  });
  takeOver(form);
}

/** A path of this site to go on to, from ?next=; anything else is home. */
export function nextPath(fallback = "/") {
  return safePath(new URLSearchParams(location.search).get("next"), fallback);
}

/** `path` if it leads to this site; never another origin, whatever the link said. */
export function safePath(path, fallback = "/") {
  if (!path || !path.startsWith("/")) return fallback;
  const url = new URL(path, location.origin);
  // What dots leave over may begin with two slashes, and would then name another host.
  const leadsAway = url.origin !== location.origin || url.pathname.startsWith("//");
  return leadsAway ? fallback : url.pathname + url.search + url.hash;
}
