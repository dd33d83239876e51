// What every page does: own time zone, offline banner, log out, Share and Copy buttons.

import { ask } from "./api.js";
import { toast } from "./element.js";
import { showTimes } from "./local-time.js";

function showConnection() {
  document.querySelector("[data-offline]")?.toggleAttribute("hidden", navigator.onLine);
}

async function logOut() {
  try {
    await ask("DELETE", "/identity/sessions/current");
    location.assign("/");
  } catch (error) {
    if (error.status === 401) location.assign("/");
    else toast(error.message);
  }
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast(`Please copy it by hand: ${text}`); // No permission, or a page served without TLS.
  }
}

async function share(button) {
  const url = new URL(button.dataset.share || location.pathname, location.href).href;
  const title = button.dataset.shareTitle || document.title;
  if (!navigator.share) return copy(url, "The link is copied. Send it to a friend.");
  try {
    await navigator.share({ title, url });
  } catch (error) {
    if (error.name !== "AbortError") await copy(url, "The link is copied. Send it to a friend.");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-share], [data-copy], [data-log-out]");
  if (!button) return;
  if (button.dataset.copy !== undefined) copy(button.dataset.copy, "Copied.");
  else if (button.dataset.share !== undefined) share(button);
  else logOut();
});
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
// htmx swaps parts of server-rendered pages in; their times need the reader's zone too.
document.addEventListener("htmx:afterSettle", () => showTimes());
showConnection();
showTimes();
