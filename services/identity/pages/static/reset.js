// Keeps the new password that was chosen under the mailed link.

import { safePath, sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-reset]");
const done = document.querySelector("[data-done]");
const { token } = form.dataset;

// The token must not stay in the address bar, the history or a shared screenshot.
history.replaceState(null, "", location.pathname);
sendAsJson(form, {
  path: "/identity/passwords",
  read: ({ elements }) => ({ token, password: elements.password.value }),
  done: (body) => {
    const next = safePath(body.next, "");
    if (next && next !== "/") done.querySelector("a").href = `/log-in?next=${encodeURIComponent(next)}`;
    form.hidden = true;
    done.hidden = false;
    done.querySelector("h2").focus();
  },
});
