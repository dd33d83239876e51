// Names the address the link went to and sends it again when asked.

import { rememberAddress, rememberedAddress } from "./account-links.js";
import { sendAsJson } from "./json-form.js";

const form = document.querySelector("[data-resend]");
const address = rememberedAddress();

if (address) {
  document.querySelector("[data-sent-to]").textContent = ` to ${address}`;
  form.elements.email.value ||= address;
}
sendAsJson(form, {
  path: "/identity/confirmations/resend",
  read: ({ elements }) => ({ email: elements.email.value.trim() }),
  done: () => {
    rememberAddress(form.elements.email.value.trim());
    form.querySelector("[data-sent]").hidden = false;
  },
});
