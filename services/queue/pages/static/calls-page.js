// The phone banks of a Calls Page are asked for again every minute; where that fails, it says how old they are.

import { inWords } from "./local-time.js";

const notice = document.querySelector("[data-stale]");
let fresh = new Date();

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.target?.id !== "phone-banks") return;
  if (detail.successful) fresh = new Date();
  else notice.textContent = `The phone banks are shown as of ${inWords(fresh, "time")}: there is no fresher word of them right now. We keep trying.`;
  notice.hidden = detail.successful;
});
