// Who is left to call in a campaign: the sum of its phone banks, and each bank's reasons why not now.

import { showBars } from "./bars.js";
import { element } from "./element.js";
import { showWhy } from "./why.js";

/** The sum counts all banks; `shown` are the ids of those that the page lists. */
export function showLeft(part, { left, phone_banks: banks }, shown) {
  const isCounted = left.banks_counted > 0;
  part("left-words").textContent = inWords(left);
  part("left").closest("table").hidden = !isCounted;
  showBars(part("left"), [
    ["now", "Now", left.now],
    ["later", "Later", left.later],
    ["exhausted", "Not any more", left.exhausted],
  ]);
  showBanks(part("left-banks"), banks.filter((bank) => bank.left && bank.status !== "closed" && shown.has(bank.bank_id)));
}

function inWords({ banks_counted: counted, banks }) {
  if (banks === 0) return "No phone bank has anybody to call.";
  if (counted === banks) return "";
  if (counted === 0) return "Being counted.";
  return `So far ${counted.toLocaleString()} of ${banks.toLocaleString()} phone banks are counted here; every bank’s own board counts its voters.`;
}

/** What somebody has opened stays open: a bank's part is kept and changed in place. */
function showBanks(place, banks) {
  const known = new Map(Array.from(place.children, (each) => [each.dataset.leftBank, each]));
  for (const bank of banks) {
    const each = known.get(bank.bank_id) ?? place.appendChild(newBank(bank));
    const { later, exhausted, why } = bank.left;
    each.querySelector("[data-not-now]").textContent = `${(later + exhausted).toLocaleString()} not now`;
    each.querySelector("[data-everybody]").hidden = showWhy(each.querySelector("tbody"), why) > 0;
    known.delete(bank.bank_id);
  }
  for (const each of known.values()) each.remove();
}

function newBank(bank) {
  return element("details", { "data-left-bank": bank.bank_id },
    element("summary", {}, element("span", {}, `${bank.name}: `, element("span", { "data-not-now": "" }))),
    element("p", { class: "quiet", "data-everybody": "" }, "Everybody may be called now."),
    element("table", { class: "plain" },
      element("caption", { class: "visually-hidden" }, `Why voters of ${bank.name} are not left to call now`),
      element("tbody")));
}
