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

const STEP = Number(page.querySelector("[data-banks]").dataset.step);
let shownMax = STEP;
let latest = null;

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

/** The first of them, and every bank in which somebody waits for help; answers the ids of these. */
function showSome(part, banks) {
  return revealLines(part, new Set(banks.filter((bank) => bank.hands.raised > 0).map((bank) => bank.bank_id)));
}

function revealLines(part, waiting) {
  const lines = Array.from(part("banks").rows);
  lines.forEach((line, at) => (line.hidden = at >= shownMax && !waiting.has(line.dataset.bank)));
  const shown = lines.filter((line) => !line.hidden);
  const words = `${shown.length.toLocaleString()} of ${lines.length.toLocaleString()} phone banks are shown; the figures above count all of them.`;
  part("more-banks").hidden = shown.length === lines.length;
  if (part("banks-words").textContent !== words) part("banks-words").textContent = words;
  return new Set(shown.map((line) => line.dataset.bank));
}

page.querySelector("[data-show-more]").addEventListener("click", () => {
  const next = page.querySelector("[data-banks] tr[hidden]");
  shownMax += STEP;
  if (latest) latest();
  else revealLines((name) => page.querySelector(`[data-${name}]`), new Set());
  next?.querySelector("a").focus({ preventScroll: true });
});

keepShowing(page, `/gotv/campaigns/${campaign}/dashboard`, (snapshot, part) => {
  const lines = new Map(Array.from(part("banks").rows, (line) => [line.dataset.bank, line]));
  part("banks-section").hidden = snapshot.phone_banks.length === 0;
  part("practice").hidden = snapshot.practice_calls === 0;
  part("practice").textContent = `Includes results of calls in practice phone banks: ${snapshot.practice_calls.toLocaleString()}.`;
  for (const bank of snapshot.phone_banks) {
    if (!lines.has(bank.bank_id)) lines.set(bank.bank_id, part("banks").appendChild(newLine(bank)));
    showLine(lines.get(bank.bank_id), bank);
  }
  latest = () => showLeft(part, snapshot, showSome(part, snapshot.phone_banks));
  latest();
  showBars(part("states"), snapshot.states.map((each) => [each.state, each.state, each.callers_active]));
});
