// What both sign-up forms ask of somebody; consents are about a phone number, so they come with one.

import { nextPath } from "./json-form.js";
import { chosenLanguages } from "./languages.js";

export function askConsentsWithPhone(form) {
  const consents = form.querySelector("[data-consents]");
  const { phone } = form.elements;
  const show = () => { consents.hidden = phone.value.trim() === ""; };
  show();
  phone.addEventListener("input", show);
}

export function personIn(form) {
  const { elements } = form;
  const said = (name) => elements[name].value.trim();
  const person = {
    email: said("email"),
    first_name: said("first_name"),
    last_name: said("last_name"),
    languages: chosenLanguages(form),
  };
  if (said("phone")) {
    person.phone = said("phone");
    person.consents = { reminders: elements.reminders.checked, recruitment: elements.recruitment.checked };
  }
  const next = nextPath("");
  if (next) person.next = next;
  return person;
}
