// What somebody else on the line said about a voter; shown to organizers, never counted.

import { ask } from "./api.js";
import { element } from "./element.js";
import { inWords } from "./local-time.js";

function entry(heard) {
  return element("li", { class: "card" },
    element("p", { class: "prose" }, `“${heard.text}”`),
    element("p", { class: "quiet small" }, `About ${heard.voter_name ?? heard.voter_id}, `,
      element("time", { datetime: heard.heard_at }, inWords(heard.heard_at))));
}

/** Fills the hearsay section of `page`, page by page. */
export async function showHearsay(page) {
  const path = `/gotv/campaigns/${encodeURIComponent(page.dataset.campaign)}/hearsay`;
  const list = page.querySelector("[data-hearsay]");
  const more = page.querySelector("[data-hearsay-more]");
  const problem = page.querySelector("[data-hearsay-problem]");
  let cursor = null;

  async function load() {
    try {
      const { body } = await ask("GET", cursor ? `${path}?cursor=${encodeURIComponent(cursor)}` : path);
      cursor = body.next_cursor;
      list.append(...body.items.map(entry));
      problem.hidden = true;
      page.querySelector("[data-hearsay-empty]").hidden = list.children.length > 0;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    more.hidden = !cursor;
  }

  more.addEventListener("click", load);
  await load();
}
