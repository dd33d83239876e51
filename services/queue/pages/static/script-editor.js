// The script's editor: the text, its faults by line, and beside it what callers see.

import { ask, newKey } from "./api.js";
import { element, toast } from "./element.js";
import { showScript } from "./script.js";

const PAUSE_MS = 350;

const page = document.querySelector("[data-editor]");
const part = (name) => document.querySelector(`[data-${name}]`);
const text = part("text");
const publish = part("publish");
const path = `/queue/phone-banks/${encodeURIComponent(page.dataset.bank)}`;
const place = `script-draft/${page.dataset.bank}`;
// What a browser puts back on a reload is not what is published.
text.value = text.defaultValue;
let published = text.value;
let timer = null;
let reading = null; // Stops the reading that a newer one makes pointless.
let key = newKey();
const tried = { answers: {} };

function keep() {
  try {
    if (text.value === published) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify({ version: page.dataset.version, text: text.value }));
  } catch {
    // Private browsing, or no room: the text is still on the page.
  }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(place));
    return found?.version === page.dataset.version && found.text !== published ? found.text : null;
  } catch {
    return null;
  }
}

function goToLine(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  const lineHeight = Number.parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 4) * lineHeight);
}

function remark(kind, { line, message }) {
  return element("li", { class: `is-${kind}` },
    element("button", { class: "link-button", type: "button", onclick: () => goToLine(line) }, `Line ${line}: ${message}`));
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function showRemarks({ errors, warnings }) {
  part("remarks").replaceChildren(
    ...errors.map((each) => remark("error", each)),
    ...warnings.map((each) => remark("warning", each)));
  const worth = warnings.length ? `, and ${count(warnings.length, "thing")} worth a look` : "";
  part("summary").textContent = errors.length
    ? `${count(errors.length, "thing")} to put right before it can be published`
    : `It can be published${worth}`;
}

function showPreview(script) {
  part("stale-words").hidden = script !== null || !part("nothing").hidden;
  if (!script) return;
  part("nothing").hidden = true;
  part("coaching").textContent = script.coaching ?? "";
  part("coaching").hidden = !script.coaching;
  showScript(part("script"), script, tried, () => {});
  for (const button of part("script").querySelectorAll("[data-promise-wanted]")) {
    button.addEventListener("click", () => toast("On the call screen this opens the promise: when, at which number, about what."));
  }
  part("ending-line").hidden = false;
  part("ending").textContent = script.thanks;
  part("paid").textContent = script.paid_for_by;
  part("site").hidden = !script.candidate_site;
  if (script.candidate_site) part("site").querySelector("a").href = script.candidate_site;
}

async function read() {
  reading?.abort();
  reading = new AbortController();
  const { signal } = reading;
  try {
    const body = { text: text.value, voter: JSON.parse(part("sample").value) };
    const answer = (await ask("POST", `${path}/script-drafts`, { body, signal })).body;
    showRemarks(answer);
    showPreview(answer.script);
    if (publish) publish.disabled = !answer.script || text.value === published && page.dataset.version !== "0";
    page.dataset.state = answer.script ? "sound" : "faulty";
  } catch (error) {
    if (signal.aborted) return;
    part("summary").textContent = `${error.message} What you write is kept on this device.`;
  }
}

function readSoon() {
  page.dataset.state = "reading";
  if (publish) publish.disabled = true;
  clearTimeout(timer);
  timer = setTimeout(read, PAUSE_MS);
}

function changed() {
  key = newKey();
  keep();
  readSoon();
}

async function send() {
  part("problem").hidden = true;
  publish.setAttribute("aria-busy", "true");
  try {
    const { body } = await ask("PUT", `${path}/script`, { body: { text: text.value, after: Number(page.dataset.version) }, key });
    published = text.value;
    keep();
    publish.disabled = true;
    sessionStorage.setItem("script-published", String(body.script_version));
    location.reload();
  } catch (error) {
    part("problem").querySelector("p").textContent = error.message;
    part("problem").hidden = false;
    part("problem").focus();
  } finally {
    publish.removeAttribute("aria-busy");
  }
}

async function putInEditor(version) {
  try {
    const { body } = await ask("GET", `${path}/scripts/${version}`);
    text.value = body.text;
    changed();
    text.focus();
    text.setSelectionRange(0, 0);
    toast(`Version ${version} is in the editor. Publish it to make it live.`);
  } catch (error) {
    toast(error.message);
  }
}

const draft = publish ? kept() : null;
if (draft !== null) {
  text.value = draft;
  part("kept").hidden = false;
}
part("forget").addEventListener("click", () => {
  text.value = published;
  part("kept").hidden = true;
  changed();
  text.focus();
});
text.addEventListener("input", changed);
part("sample").addEventListener("change", readSoon);
publish?.addEventListener("click", send);
for (const button of document.querySelectorAll("[data-show]:is(button)")) button.addEventListener("click", () => putInEditor(button.dataset.show));
addEventListener("beforeunload", (event) => {
  if (text.value !== published && publish) event.preventDefault();
});
const justPublished = sessionStorage.getItem("script-published");
if (justPublished) {
  sessionStorage.removeItem("script-published");
  toast(`Version ${justPublished} is live.`);
}
read();
