// A campaign, live: the sums of its phone banks, and each bank's own line.

import { showBars } from "./bars.js";
import { keepShowing } from "./board.js";
import { showLeft } from "./campaign-left.js";
import { element } from "./element.js";
import { BANK_STATES } from "./labels.js";

const page = document.querySelector("[data-dashboard]");
const campaign = encodeURIComponent(page.dataset.campaign);
const CELLS = ["callers_active", "calls_last_hour", "calls", "contacts", "ids", "now", "later", "exhausted"];
const LABELS = Array.from(page.querySelectorAll(".bank-table thead .figure"), (head) => head.textContent);

function newLine(bank) {
  return element("tr", { "data-bank": bank.bank_id },
    element("th", { scope: "row" },
      element("a", { href: `/campaigns/${campaign}/phone-banks/${encodeURIComponent(bank.bank_id)}` }, bank.name), " ",
      element("span", { class: "badge", "data-status": "" }),
      bank.practice ? element("span", { class: "badge" }, "Practice") : null, " ",
      element("a", { class: "badge badge-warning", href: `/campaigns/${campaign}/phone-banks/${encodeURIComponent(bank.bank_id)}#hands-heading`, "data-bank-hands": "", hidden: true }),
      element("br"), element("span", { class: "quiet small" }, `${bank.candidate}, ${bank.state}`)),
    CELLS.map((name, at) => element("td", { class: "figure", "data-cell": name, "data-label": LABELS[at] })));
}

function showLine(line, bank) {
  const badge = line.querySelector("[data-status]");
  const kinds = { open: " badge-good", paused: " badge-warning" };
  badge.className = `badge${kinds[bank.status] ?? ""}`;
  badge.textContent = BANK_STATES[bank.status] ?? bank.status;
  showHands(line.querySelector("[data-bank-hands]"), bank);
  // Nobody is left to call in a bank that has ended.
  const left = bank.status === "closed" ? null : bank.left;
  const figures = { ...bank, now: left?.now, later: left?.later, exhausted: left?.exhausted };
  for (const cell of line.querySelectorAll("[data-cell]")) {
    // Who is left is counted beside the calls, so a new bank's figure comes a little later.
    cell.textContent = figures[cell.dataset.cell]?.toLocaleString() ?? "–";
  }
}

/** Which bank to go to, where the campaign's own line says only that somebody waits. */
function showHands(link, { name, hands: { raised } }) {
  link.hidden = raised === 0;
  link.textContent = raised === 1 ? "1 hand up" : `${raised.toLocaleString()} hands up`;
  link.setAttribute("aria-label", `${link.textContent} in ${name}`);
}

keepShowing(page, `/gotv/campaigns/${campaign}/dashboard`, (snapshot, part) => {
  const lines = new Map(Array.from(part("banks").rows, (line) => [line.dataset.bank, line]));
  part("banks-section").hidden = snapshot.phone_banks.length === 0;
  part("practice").hidden = snapshot.practice_calls === 0;
  part("practice").textContent = `Includes results of calls in practice phone banks: ${snapshot.practice_calls.toLocaleString()}.`;
  for (const bank of snapshot.phone_banks) {
    if (!lines.has(bank.bank_id)) lines.set(bank.bank_id, part("banks").appendChild(newLine(bank)));
    showLine(lines.get(bank.bank_id), bank);
  }
  showLeft(part, snapshot);
  showBars(part("states"), snapshot.states.map((each) => [each.state, each.state, each.callers_active]));
});
