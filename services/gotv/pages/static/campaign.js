// A campaign, live: the sums of its phone banks, and each bank's own line.

import { showBars } from "./bars.js";
import { keepShowing } from "./board.js";
import { element } from "./element.js";

const page = document.querySelector("[data-dashboard]");
const campaign = encodeURIComponent(page.dataset.campaign);
const CELLS = ["callers_active", "calls_last_hour", "calls", "contacts", "ids", "now", "later"];

function newLine(bank) {
  return element("tr", { "data-bank": bank.bank_id },
    element("th", { scope: "row" },
      element("a", { href: `/campaigns/${campaign}/phone-banks/${encodeURIComponent(bank.bank_id)}` }, bank.name), " ",
      element("span", { class: "badge", "data-status": "" }),
      bank.practice ? element("span", { class: "badge" }, "Practice") : null,
      element("br"), element("span", { class: "quiet small" }, `${bank.candidate}, ${bank.state}`)),
    CELLS.map((name) => element("td", { class: "figure", "data-cell": name })));
}

function showLine(line, bank) {
  const badge = line.querySelector("[data-status]");
  const kinds = { open: " badge-good", paused: " badge-warning" };
  badge.className = `badge${kinds[bank.status] ?? ""}`;
  badge.textContent = bank.status.charAt(0).toUpperCase() + bank.status.slice(1);
  const figures = { ...bank, now: bank.left?.now, later: bank.left?.later };
  for (const cell of line.querySelectorAll("[data-cell]")) {
    // Who is left is counted beside the calls, so a new bank's figure comes a little later.
    cell.textContent = figures[cell.dataset.cell]?.toLocaleString() ?? "–";
  }
}

keepShowing(page, `/gotv/campaigns/${campaign}/dashboard`, (snapshot, part) => {
  const lines = new Map(Array.from(part("banks").rows, (line) => [line.dataset.bank, line]));
  part("banks-section").hidden = snapshot.phone_banks.length === 0;
  for (const bank of snapshot.phone_banks) {
    if (!lines.has(bank.bank_id)) lines.set(bank.bank_id, part("banks").appendChild(newLine(bank)));
    showLine(lines.get(bank.bank_id), bank);
  }
  showBars(part("states"), snapshot.states.map((each) => [each.state, each.state, each.callers_active]));
});
