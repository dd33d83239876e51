// The script before the first voter, with the caller's own words under it.

import { OwnWords } from "./own-words.js";

const page = document.querySelector("[data-read-script]");
new OwnWords(page.querySelector("[data-own-words]"), page.dataset.bank, document.body.dataset.caller ?? "");
