// A sentence that is said on the page after it was loaded anew.

const PLACE = "phonebank.team-said";
const place = document.querySelector("[data-said]");

/** Loads the page again, to say `sentence` at its head. */
export function reloadAndSay(sentence) {
  sessionStorage.setItem(PLACE, sentence);
  location.reload();
}

/** Goes to another page of the team's, to say `sentence` there. */
export function goAndSay(path, sentence) {
  sessionStorage.setItem(PLACE, sentence);
  location.assign(path);
}

const sentence = sessionStorage.getItem(PLACE);
if (sentence) {
  sessionStorage.removeItem(PLACE);
  place.querySelector("p").textContent = sentence;
  place.hidden = false;
  place.focus();
}
