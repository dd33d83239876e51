// One voter file: looked through, decided upon, imported; the page follows until it has ended.

import { ask, newKey } from "./api.js";
import { element } from "./element.js";
import { CHANGES, LACKING, STATUSES, counted } from "./import-words.js";

const page = document.querySelector("[data-import]");
const path = `/voters/imports/${encodeURIComponent(page.dataset.import)}`;
const states = JSON.parse(page.dataset.states);
const parties = JSON.parse(page.dataset.parties);
const part = (name) => page.querySelector(`[data-${name}]`);
const ENDED = ["done", "stopped", "failed"];
const LOOK_MS = 1_000;

let previewed = false;
let shownState = null;
const confirmKey = newKey();

function showProblem(sentence) {
  part("problem").querySelector("p").textContent = sentence ?? "";
  part("problem").hidden = !sentence;
}

function figure(name, value) {
  page.querySelector(`[data-figure="${name}"]`).textContent = value === null || value === undefined ? "–" : value.toLocaleString();
}

function showBadge(progress) {
  const [words, kind] = states[progress.state];
  const thrown = progress.state === "stopped" && !progress.rows_read;
  const badge = part("state-badge");
  const text = progress.is_cancelled && !ENDED.includes(progress.state) ? "Stopping" : thrown ? "Thrown away" : words;
  if (badge.textContent !== text) badge.textContent = text;
  badge.className = kind ? `badge badge-${kind}` : "badge";
  part("layout").textContent = progress.layout_title ? `${progress.layout_title}${progress.extent === "part" ? ", a part" : ""}.` : "";
}

function workingWords(progress, share) {
  if (progress.state === "received") return "Waiting for its turn: a campaign’s files are read one after the other.";
  const percent = `${Math.floor(share * 100)} % of the file`;
  if (progress.state === "checking") return `${counted(progress.rows_checked, "row")} so far, ${percent}.`;
  const rate = progress.rows_per_second ? `, ${progress.rows_per_second.toLocaleString()} rows a second` : "";
  return `${counted(progress.rows_read, "row")} so far, ${percent}${rate}.`;
}

function showWorking(progress) {
  const working = ["received", "checking", "reading"].includes(progress.state);
  part("working").hidden = !working;
  if (!working) return;
  const reading = progress.state === "reading" || progress.is_confirmed;
  const share = progress.bytes ? progress.bytes_read / progress.bytes : 0;
  part("working-title").textContent = reading ? "Importing" : "Looking through the file";
  part("share").value = share;
  part("working-words").textContent = progress.is_cancelled ? "Stopping." : workingWords(progress, share);
  part("stop-ask").hidden = progress.is_cancelled || !part("stop-sure").hidden;
  part("stop-words").textContent = progress.rows_read
    ? "Voters read so far stay on your file; the rest of the file is not read."
    : "Nothing of this file has been imported yet; it is thrown away.";
}

function showShrunk(progress) {
  const waiting = ["preview", "held"].includes(progress.state);
  part("shrunk").hidden = !(waiting && progress.rows_before);
  if (!progress.rows_before) return;
  const gone = progress.rows_before - progress.rows_checked;
  const percent = ((100 * gone) / progress.rows_before).toFixed(1);
  part("shrunk-words").textContent = `It has ${counted(progress.rows_checked, "row")}, the last one had ${progress.rows_before.toLocaleString()}: ${gone.toLocaleString()} fewer (${percent} %). A download that broke off looks like this. Import it only if you know why.`;
}

function problemRow(each) {
  const examples = each.examples.map((one) => element("span", { class: "example" }, `Row ${one.row}: ${one.text || "(blank)"}`));
  return element("tr", {},
    element("th", { scope: "row" }, each.column === "(row)" ? "Whole row" : each.column),
    element("td", { class: "words" }, each.reason),
    element("td", { class: "figure" }, each.count.toLocaleString()),
    element("td", {}, ...examples));
}

function voterRow(voter) {
  const phones = voter.phones.map((phone) => element("div", {}, phone.extension ? `${phone.display} ext. ${phone.extension}` : phone.display));
  const born = voter.born ?? (voter.age === null ? "–" : `${voter.age} years old`);
  return element("tr", {},
    element("td", {}, String(voter.row)),
    element("th", { scope: "row" }, voter.name),
    element("td", { class: "nowrap" }, String(born)),
    element("td", {}, voter.party ? (parties[voter.party] ?? voter.party) : "–"),
    element("td", {}, STATUSES[voter.status] ?? voter.status),
    element("td", { class: "words" }, voter.address || "–"),
    element("td", {}, voter.county || "–"),
    element("td", { class: "nowrap" }, ...(phones.length ? phones : ["None"])));
}

function fill(name, rows) {
  part(`${name}-rows`).replaceChildren(...rows);
  const whole = part(name);
  if (whole) whole.hidden = rows.length === 0;
}

function showMissing(found) {
  const missing = found.voters_missing;
  page.querySelector('[data-card="preview_missing"]').hidden = missing === null || missing === undefined;
  figure("preview_missing", missing);
  part("missing").hidden = !missing;
  if (!missing) return;
  part("missing").className = found.is_much_missing ? "notice notice-warning" : "notice";
  const percent = ((100 * missing) / found.voters_on_file).toFixed(1);
  part("missing-title").textContent = `${counted(missing, "voter")} of your file ${missing === 1 ? "is" : "are"} not in this one`;
  part("missing-words").textContent = `Earlier files had ${counted(found.voters_on_file, "voter")} in the counties of this file; ${percent} % of them are not in it. They stay on your file and in your universes, and are still called: a file never takes anybody off. If this is only a part of the state’s file, throw it away and send it again with “This is only a part” ticked: then nobody is counted as missing.`;
}

function showFindings(found) {
  const refused = found.rows_refused ? ` ${counted(found.rows_refused, "row")} will be left out.` : "";
  const atLeast = found.all_ids_compared !== false ? "" : " The file has more voters than are compared: at least these rows are repeated.";
  part("preview-words").textContent = `Recognised as ${found.title}: ${counted(found.rows_read, "row")} in ${found.columns} columns.${refused}${atLeast} Nothing is imported yet.`;
  figure("preview_rows", found.rows_read);
  figure("preview_good", found.rows_good);
  figure("preview_new", found.rows_new);
  figure("preview_known", found.rows_known);
  figure("preview_repeated", found.rows_repeated);
  figure("preview_refused", found.rows_refused);
  if (found.all_ids_compared === false) {
    const repeated = page.querySelector('[data-figure="preview_repeated"]');
    repeated.textContent = `at least ${repeated.textContent}`;
  }
  showMissing(found);
  figure("preview_phone", found.voters_with_phone);
  figure("preview_lines", found.lines);
  part("lacking").hidden = found.lacking.length === 0;
  part("lacking").querySelector("p").textContent = found.lacking.map((each) => LACKING[each]).join(" ");
  part("first-rows").replaceChildren(...found.rows.map(voterRow));
  part("no-rows").hidden = found.rows.length > 0;
  fill("refused", found.refused.map(problemRow));
  fill("left-out", found.left_out.map(problemRow));
  const passed = found.columns_passed_over;
  part("columns-words").textContent = passed.length
    ? `${found.columns_understood.length} columns are understood, ${passed.length} are passed over`
    : `All ${found.columns} columns are understood`;
  part("passed-over").textContent = passed.length ? `Passed over: ${passed.join(", ")}.` : "Nothing of this file is passed over.";
  part("confirm").disabled = found.rows_good === 0;
  part("confirm").textContent = found.rows_good === 0 ? "Nothing to import" : `Import these ${counted(found.rows_good, "row")}`;
}

async function showPreview(progress) {
  const waiting = ["preview", "held"].includes(progress.state);
  if (waiting && !previewed) {
    showFindings((await ask("GET", `${path}/preview`)).body);
    previewed = true;
  }
  part("preview").hidden = !waiting;
  if (!waiting) part("missing").hidden = true;
  part("decide").hidden = !waiting;
}

function showOutcome(progress) {
  part("outcome").hidden = !progress.rows_read && progress.state !== "done";
  for (const name of ["rows_new", "rows_changed", "rows_unchanged", "rows_repeated", "rows_rejected", "voters_missing"]) {
    figure(name, progress[name]);
  }
  page.querySelector('[data-card="voters_missing"]').hidden = progress.voters_missing === null;
  const changes = Object.entries(progress.changes).sort((one, other) => other[1] - one[1]);
  fill("changes", changes.map(([name, voters]) => element("tr", {},
    element("th", { scope: "row" }, CHANGES[name] ?? name),
    element("td", { class: "figure" }, voters.toLocaleString()))));
  fill("rejected", progress.reasons.map((each) => element("tr", {},
    element("th", { scope: "row" }, each.column === "(row)" ? "Whole row" : each.column || "–"),
    element("td", { class: "words" }, each.reason),
    element("td", { class: "figure" }, each.count.toLocaleString()),
    element("td", {}, `Row ${each.rows.join(", ")}`))));
  part("next").hidden = !(progress.state === "done" && progress.rows_kept);
  part("again").hidden = !ENDED.includes(progress.state);
}

async function show(progress) {
  showBadge(progress);
  showProblem(progress.problem);
  showWorking(progress);
  showShrunk(progress);
  await showPreview(progress);
  showOutcome(progress);
  if (shownState && shownState !== progress.state && progress.state === "preview") page.querySelector("#preview-heading").focus();
  shownState = progress.state;
}

async function follow() {
  let goesOn = true;
  try {
    const { body } = await ask("GET", path);
    await show(body);
    // One that waits for a human is looked at too: somebody else may decide, in another window.
    goesOn = !ENDED.includes(body.state);
  } catch (error) {
    if (error.status === 401) return location.assign(`/log-in?next=${location.pathname}`);
    showProblem(error.message);
    goesOn = !(error.status >= 400 && error.status < 500);
  }
  if (goesOn) setTimeout(follow, LOOK_MS);
}

async function decide(button, method, address, key) {
  button.setAttribute("aria-busy", "true");
  try {
    await ask(method, address, { key });
    part("decide").hidden = true;
  } catch (error) {
    showProblem(error.message);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function askWhetherToStop(asking) {
  part("stop-sure").hidden = !asking;
  part("stop-ask").hidden = asking;
  part(asking ? "stop-yes" : "stop").focus();
}

part("confirm").addEventListener("click", () => decide(part("confirm"), "POST", `${path}/confirm`, confirmKey));
part("throw").addEventListener("click", () => decide(part("throw"), "DELETE", path));
part("stop").addEventListener("click", () => askWhetherToStop(true));
part("stop-no").addEventListener("click", () => askWhetherToStop(false));
part("stop-yes").addEventListener("click", async () => {
  await decide(part("stop-yes"), "DELETE", path);
  part("stop-sure").hidden = true;
});
follow();
