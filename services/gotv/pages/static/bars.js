// A table whose last column draws each figure as a bar; the figures stay readable without it.

import { element } from "./element.js";

/** Shows `rows` ([name, label, number]) in `place`; rows are kept and changed in place, so that nothing flickers. */
export function showBars(place, rows) {
  const largest = Math.max(1, ...rows.map(([, , number]) => number));
  const known = new Map(Array.from(place.rows, (row) => [row.dataset.name, row]));
  for (const [name, label, number] of rows) {
    const row = known.get(name) ?? place.appendChild(newRow(name, label));
    row.cells[1].textContent = number.toLocaleString();
    // Through the object model, for the content security policy allows no style attributes.
    row.querySelector(".bar").style.inlineSize = `${(100 * number) / largest}%`;
    known.delete(name);
  }
  for (const row of known.values()) row.remove();
}

function newRow(name, label) {
  return element("tr", { "data-name": name },
    element("th", { scope: "row" }, label),
    element("td", { class: "figure" }),
    element("td", { class: "bar-cell", "aria-hidden": "true" }, element("div", { class: `bar bar-${name}` })));
}
