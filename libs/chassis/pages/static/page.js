// What every page does: own time zone, offline banner, log out, Share and Copy buttons.

import { ask } from "./api.js";
import { toast } from "./element.js";
import { showTimes } from "./local-time.js";
import { copy, share } from "./share.js";

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
