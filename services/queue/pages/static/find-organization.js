// One among many organizations: the first are shown, and those ticked; the others by their names.

const SHOWN_MAX = 20;

/** Keeps the list in `place` short, if it has a field to search by. */
export function findOrganizations(place) {
  const field = place.querySelector("[data-find]");
  if (!field) return;
  const rows = Array.from(place.querySelectorAll("[data-organization]"), (box) => ({
    box, row: box.closest(".check"), name: box.closest(".check").textContent.trim().toLowerCase(),
  }));
  const found = place.querySelector("[data-found]");

  function show() {
    const wanted = field.value.trim().toLowerCase();
    let left = SHOWN_MAX;
    let shown = 0;
    for (const { box, row, name } of rows) {
      const fits = name.includes(wanted) && left-- > 0;
      row.hidden = !fits && !box.checked;
      if (!row.hidden) shown += 1;
    }
    const none = wanted && left === SHOWN_MAX ? "No organization is called like this. " : "";
    found.textContent = `${none}${shown.toLocaleString()} of ${rows.length.toLocaleString()} organizations are shown.`;
  }

  // What is searched for is no setting: it is neither saved nor missed when the page is left.
  field.addEventListener("input", (event) => {
    event.stopPropagation();
    show();
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  show();
}
