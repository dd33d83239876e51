// Confirms the account the mailed link belongs to and leads on to where the caller was going.

import { Offline, ask, newKey } from "./api.js";
import { element } from "./element.js";
import { safePath } from "./json-form.js";

const page = document.querySelector("[data-confirm]");
const retry = page.querySelector("[data-retry]");
const key = newKey();

function show(state) {
  for (const part of page.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
  page.querySelector(`[data-when="${state}"] h1`).focus();
}

/** Whoever follows the link first is logged in by it: the header greets them. */
async function greet() {
  const nav = document.querySelector(".site-nav");
  try {
    const { body } = await ask("GET", "/identity/sessions/current");
    const name = element("a", { class: "site-caller", href: "/you" }, body.caller.first_name);
    nav.replaceChildren(name, element("button", { class: "link-button", type: "button", "data-log-out": "" }, "Log out"));
  } catch {
    // Not logged in by it: the header stays as it is.
  }
}

function leadOn(next) {
  const link = page.querySelector('[data-when="confirmed"] .actions a');
  link.setAttribute("href", safePath(next, link.getAttribute("href")));
}

async function confirm() {
  show("pending");
  try {
    const { body } = await ask("POST", "/identity/confirmations", { body: { token: page.dataset.token }, key });
    leadOn(body?.next);
    show("confirmed");
    await greet();
  } catch (error) {
    page.querySelector("[data-detail]").textContent = error.message;
    retry.hidden = !(error instanceof Offline || error.isPassing);
    show("failed");
  }
}

// The token must not stay in the address bar, the history or a shared screenshot.
history.replaceState(null, "", location.pathname);
retry.addEventListener("click", confirm);
confirm();
