// One phone bank, live: its figures, who is left to call, and why not more.

import { showBars } from "./bars.js";
import { keepShowing } from "./board.js";
import { Hands } from "./hands.js";
import { showWhy } from "./why.js";

const page = document.querySelector("[data-dashboard]");
const hands = new Hands(page, page.dataset.bank);

function paceInWords({ calls_an_hour: anHour, hours_left: hours }) {
  if (hours === 0) return "Nobody is waiting for a call.";
  if (hours === null) return "Too few calls in the last hour to say when this bank will be through.";
  const long = hours < 1 ? "less than an hour" : `about ${hours.toLocaleString()} hours`;
  return `At the last hour’s pace (${anHour.toLocaleString()} results), everybody left has had one more call after ${long} of calling.`;
}

keepShowing(page, `/gotv/phone-banks/${encodeURIComponent(page.dataset.bank)}/dashboard`, (snapshot, part) => {
  const { left, pace } = snapshot;
  hands.heed(snapshot.hands, snapshot.organizations);
  showBars(part("left"), [
    ["now", "Now", left.now],
    ["later", "Later", left.later],
    ["exhausted", "Not any more", left.exhausted],
  ]);
  part("pace").textContent = paceInWords(pace);
  part("why-empty").hidden = showWhy(part("why"), left.why) > 0;
});
