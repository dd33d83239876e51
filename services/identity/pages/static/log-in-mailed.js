// Logs in by the mailed link, in whatever browser it was opened.

import { Offline, ask, newKey } from "./api.js";
import { safePath } from "./json-form.js";

const page = document.querySelector("[data-mailed]");
const retry = page.querySelector("[data-retry]");
const key = newKey();

function show(state) {
  for (const part of page.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
}

async function logIn() {
  show("pending");
  try {
    const { body } = await ask("POST", "/identity/sessions", { body: { link: page.dataset.token }, key });
    location.replace(safePath(body.next, body.calls_page ?? "/"));
  } catch (error) {
    page.querySelector("[data-detail]").textContent = error.message;
    retry.hidden = !(error instanceof Offline || error.isPassing);
    show("failed");
    page.querySelector('[data-when="failed"] h1').focus();
  }
}

// The token must not stay in the address bar, the history or a shared screenshot.
history.replaceState(null, "", location.pathname);
retry.addEventListener("click", logIn);
logIn();
