// A live list: filters, pages, a download of the same, and a word when somebody new is on it.

import { showConnection, watch } from "./connection.js";
import { rowsOf } from "./list-rows.js";
import { PagedList } from "./paged-list.js";

const TOP_PX = 200;
const FIRST_NEWS_MS = 1_000;
const WITHOUT_PRACTICE = "without-practice"; // A choice among the phone banks that is none of them.

const page = document.querySelector("[data-list-page]");
const { campaign, kind } = page.dataset;
const path = `/gotv/campaigns/${encodeURIComponent(campaign)}/${kind}`;
const part = (name) => page.querySelector(`[data-${name}]`);
const filters = part("filters");
const connection = showConnection(page);
const bankNames = new Map(Array.from(filters.elements.bank.options, (option) => [option.value, option.textContent]));

let latest = null; // The last word from the stream, and the one that the rows were asked after.
let seen = null;

const list = new PagedList(page, path, {
  query,
  isFiltered,
  row: rowsOf(kind, campaign, bankNames),
  asking() {
    const before = latest;
    return (body, { more }) => {
      if (!more) seen = before;
      connection.asOf(body.as_of);
      showNews();
    };
  },
});

function query(extra = {}) {
  const chosen = Object.fromEntries(new FormData(filters));
  if (chosen.bank === WITHOUT_PRACTICE) {
    chosen.bank = "";
    chosen.practice = "false";
  }
  // A day is the reader's own, from its first moment to that of the next.
  if (chosen.since) chosen.since = new Date(`${chosen.since}T00:00`).toISOString();
  if (chosen.until) {
    const next = new Date(`${chosen.until}T00:00`);
    next.setDate(next.getDate() + 1);
    chosen.until = next.toISOString();
  }
  return new URLSearchParams(Object.entries({ ...chosen, ...extra }).filter(([, value]) => value)).toString();
}

/** The address says what is chosen, with the days as they were typed: a reload, Back and a shared link keep it. */
function keepInAddress() {
  const chosen = new URLSearchParams(Array.from(new FormData(filters)).filter(([, value]) => value)).toString();
  history.replaceState(null, "", chosen ? `?${chosen}` : location.pathname);
  followInDownload();
}

function followInDownload() {
  const csv = part("csv");
  if (csv) csv.search = query();
}

function fillFromAddress() {
  const wanted = new URLSearchParams(location.search);
  for (const field of filters.elements) {
    field.value = wanted.get(field.name) ?? "";
    // A choice that is none here, of an old link: nothing is left out.
    if (field.selectedIndex < 0) field.value = "";
  }
}

function isFiltered() {
  return Array.from(new FormData(filters)).some(([name, value]) => value && name !== "order");
}

function newcomers() {
  if (!latest || !seen) return 0;
  const known = new Set(seen.newest.map(({ voter_id, at }) => `${voter_id} ${at}`));
  // Where somebody left the list, the next older one moves up: no news.
  const since = seen.newest.length < latest.newest_max ? -Infinity : Date.parse(seen.newest.at(-1).at);
  const { level, state } = Object.fromEntries(new FormData(filters));
  return latest.newest.filter((each) => !known.has(`${each.voter_id} ${each.at}`) && Date.parse(each.at) >= since
    && (!state || each.state === state) && (!level || String(each.level) === level)).length;
}

function showNews() {
  const count = newcomers();
  const words = count === latest?.newest_max ? `${count} or more` : count;
  part("news").hidden = count === 0;
  if (count) part("news").textContent = `${words} new: show them`;
}

function isAtTop() {
  return !list.isPaged && scrollY < TOP_PX && !part("rows").contains(document.activeElement);
}

function hear(news) {
  const isFirst = latest === null;
  const changed = !isFirst && (latest.changes !== news.changes || JSON.stringify(latest.newest) !== JSON.stringify(news.newest));
  latest = news;
  heard();
  // Who reads further down keeps the rows, and is told; at the top they come by themselves.
  if (list.hasAsked && (isFirst || changed) && isAtTop()) list.load();
  else if (list.hasAsked) showNews();
}

let heard;
const firstNews = new Promise((resolve) => (heard = resolve));

async function start() {
  fillFromAddress();
  followInDownload();
  // Nobody was listed so long ago: it tells whether one may look, and opens nobody's card for that.
  const stop = watch(path, `${path}?until=1970-01-02T00:00:00Z`, hear, connection, (refusal) => list.refuse(refusal));
  // The rows are asked for after the first word of the stream, so that nobody comes in between.
  await Promise.race([firstNews, new Promise((resolve) => setTimeout(resolve, FIRST_NEWS_MS))]);
  if (!(await list.load())) return;
  stop();
  connection.refused();
}

filters.addEventListener("change", () => {
  keepInAddress();
  list.load();
});
filters.addEventListener("submit", (event) => event.preventDefault());
part("clear").addEventListener("click", () => {
  filters.reset();
  keepInAddress();
  list.load();
  filters.elements.state.focus();
});
part("news").addEventListener("click", async () => {
  await list.load();
  scrollTo({ top: 0 });
  part("rows").querySelector("a")?.focus({ preventScroll: true });
});
start();
