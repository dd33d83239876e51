// The languages ticked in a form, as the API wants them.

/** The codes of the ticked languages. */
export function chosenLanguages(form) {
  return Array.from(form.querySelectorAll('input[name="languages"]:checked'), (input) => input.value);
}
