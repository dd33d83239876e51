// The buttons that open, pause and close phone banks, on the list and on the page of one.

import { ask, newKey } from "./api.js";

const problem = document.querySelector("[data-problem]");
const done = document.querySelector("[data-done]");
const DONE = {
  open: "is open: it is on the Calls Page, and callers are handed voters.",
  pause: "is paused: nobody is handed a new voter, and who is calling may finish.",
  close: "is closed for good. Clone it to call the same voters again.",
};
const PLACE = "phone-bank-run";
const dialog = document.querySelector("[data-close-dialog]");
let closing = null;

function say(place, sentence) {
  place.querySelector("p").textContent = sentence;
  place.hidden = false;
  place.focus();
}

async function run(button) {
  const { bank, name } = button.dataset;
  problem.hidden = true;
  if (document.querySelector("[data-bank-form][data-unsaved]")) {
    say(problem, "You have changed settings below. Save them first, then press the button again.");
    return;
  }
  button.setAttribute("aria-busy", "true");
  try {
    await ask("POST", `/queue/phone-banks/${encodeURIComponent(bank)}/${button.dataset.run}`, { body: {}, key: newKey() });
    sessionStorage.setItem(PLACE, `${name} ${DONE[button.dataset.run]}`);
    location.reload();
  } catch (error) {
    say(problem, error.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

for (const button of document.querySelectorAll("[data-run]")) {
  button.addEventListener("click", () => {
    if (button.dataset.run !== "close") return run(button);
    closing = button;
    dialog.querySelector("[data-close-name]").textContent = button.dataset.name;
    dialog.showModal();
  });
}
dialog.querySelector("[data-close-no]").addEventListener("click", () => dialog.close());
dialog.querySelector("[data-close-yes]").addEventListener("click", () => {
  dialog.close();
  run(closing);
});

const justDone = sessionStorage.getItem(PLACE);
if (justDone) {
  sessionStorage.removeItem(PLACE);
  say(done, justDone);
}
