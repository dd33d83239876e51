// Creates an ActionID account, then says where the confirmation went.

import { askConsentsWithPhone, personIn } from "./about-you.js";
import { rememberAddress } from "./account-links.js";
import { sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-sign-up]");

askConsentsWithPhone(form);
sendAsJson(form, {
  path: "/identity/callers",
  read: ({ elements }) => ({ ...personIn(form), password: elements.password.value }),
  done: () => {
    rememberAddress(form.elements.email.value.trim());
    location.assign("/check-mail");
  },
});
