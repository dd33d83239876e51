// The keyboard: 1 to 7 mark a result, Enter saves, U undoes the last call; can be turned off.

const SETTING = "phonebank.keys";
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
const OWN_ENTER = "a, button, summary, select, textarea, input:not([type=radio])";

function wanted() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // Storage is off: the keys work until they are switched off on this page.
  }
}

function want(on) {
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // Storage is off: the choice holds for this page only.
  }
}

/** Listens for as long as the page is open; `on.number(n)`, `on.save()` and `on.undo()` do the work. */
export function listenForKeys(checkbox, on) {
  checkbox.checked = wanted();
  checkbox.addEventListener("change", () => want(checkbox.checked));
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.repeat) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Enter") {
      if (event.ctrlKey || event.metaKey || (checkbox.checked && !target.matches(OWN_ENTER))) {
        event.preventDefault();
        on.save();
      }
      return;
    }
    if (!checkbox.checked || event.ctrlKey || event.metaKey || target.matches(TYPING)) return;
    if (/^[1-7]$/.test(event.key)) {
      event.preventDefault();
      on.number(Number(event.key));
    }
    if (event.key.toLowerCase() === "u") {
      event.preventDefault();
      on.undo();
    }
  });
}
