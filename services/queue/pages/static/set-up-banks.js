// The list of phone banks: open, pause and close them.

import { ask, newKey } from "./api.js";

const problem = document.querySelector("[data-problem]");
const dialog = document.querySelector("[data-close-dialog]");
let closing = null;

async function run(button) {
  const { bank } = button.dataset;
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await ask("POST", `/queue/phone-banks/${encodeURIComponent(bank)}/${button.dataset.run}`, { body: {}, key: newKey() });
    location.reload();
  } catch (error) {
    problem.querySelector("p").textContent = error.message;
    problem.hidden = false;
    problem.focus();
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
