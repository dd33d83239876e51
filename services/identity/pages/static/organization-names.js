// An organization's name that was mistyped: what it may have meant, one tap away.

import { element } from "./element.js";

/**
 * Makes the form's suggestions work: what is answered shows, for a problem about an unknown name, the
 * names it may have meant and says true; any other problem is left alone.
 */
export function suggestNames(form) {
  const place = form.querySelector("[data-suggestions]");
  form.addEventListener("submit", () => (place.hidden = true));

  function suggestion(name) {
    const button = element("button", { class: "button button-secondary button-small", type: "button" }, name);
    button.addEventListener("click", () => {
      form.elements.organization.value = name;
      form.requestSubmit();
    });
    return button;
  }

  return (error) => {
    if (error.name !== "no-such-organization") return false;
    const names = (error.body.suggestions ?? []).map((each) => each.name);
    place.querySelector("[data-suggested]").replaceChildren(...names.map(suggestion));
    place.querySelector("[data-suggestions-lead]").textContent =
      names.length ? "Did you mean one of these?" : "Check the name for a slip, or ask the group how it is called here.";
    place.hidden = false;
    place.focus();
    return true;
  };
}
