// Why voters are not left to call now, a row a reason.

import { element } from "./element.js";
import { WHY_NOT } from "./labels.js";

/** Fills `body`, a table's, with the reasons of `why` and their numbers; answers how many reasons there are. */
export function showWhy(body, why) {
  const told = Object.entries(WHY_NOT).filter(([reason]) => why[reason]);
  body.closest("table").hidden = told.length === 0;
  body.replaceChildren(...told.map(([reason, label]) => element("tr", { "data-reason": reason },
    element("th", { scope: "row" }, label),
    element("td", { class: "figure" }, why[reason].toLocaleString()))));
  return told.length;
}
