// Uploads a voter file to be looked through, and goes on to the page that shows what is in it.

import { newKey } from "./api.js";
import { takeOver } from "./json-form.js";

const form = document.querySelector("[data-upload]");
const campaign = form.dataset.campaign;
const bytesMax = Number(form.dataset.bytesMax);
const part = (name) => form.querySelector(`[data-${name}]`);
const button = form.querySelector("[type=submit]");

let key = newKey();
let sending = false;

function showProblem(sentence) {
  part("form-problem").querySelector("p").textContent = sentence ?? "";
  part("form-problem").hidden = !sentence;
  if (sentence) part("form-problem").focus();
}

function showFileError(sentence) {
  const place = form.querySelector("#file-error");
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
  form.elements.file.toggleAttribute("aria-invalid", Boolean(sentence));
  if (sentence) {
    form.elements.file.setAttribute("aria-invalid", "true");
    form.elements.file.focus();
  }
}

function fileFault(file) {
  if (!file) return "Please choose a file.";
  if (file.size === 0) return "This file is empty. Choose the file as it was exported.";
  if (file.size > bytesMax) return "This file is larger than we take. Send one county or one part at a time.";
  return null;
}

function body() {
  const fields = new FormData();
  // The campaign first: whoever may not import is told before the file has travelled.
  fields.append("campaign_id", campaign);
  fields.append("profile", form.elements.profile.value);
  fields.append("extent", form.elements.part.checked ? "part" : "whole");
  fields.append("preview", "true");
  fields.append("file", form.elements.file.files[0]);
  return fields;
}

function showShare(loaded, total) {
  const share = total ? loaded / total : 0;
  form.querySelector("progress").value = share;
  part("upload-words").textContent = share < 1 ? `Uploading: ${Math.floor(share * 100)} %` : "Uploaded; the file is being stored";
}

function send() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much of an upload has gone.
    request.open("POST", "/voters/imports");
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("idempotency-key", key);
    request.responseType = "json";
    request.upload.onprogress = (event) => showShare(event.loaded, event.total);
    request.onload = () => {
      if (request.status < 300) return resolve(request.response);
      if (request.status === 401) return location.assign(`/log-in?next=${location.pathname}`);
      return reject(new Error(request.response?.detail || "The upload did not succeed. Please try again."));
    };
    request.onerror = () => reject(new Error("The upload broke off. Check your connection and press the button again; nothing is imported twice."));
    request.send(body());
  });
}

async function upload(event) {
  event.preventDefault();
  if (sending) return;
  showProblem(null);
  const fault = fileFault(form.elements.file.files[0]);
  showFileError(fault);
  if (fault) return;
  sending = true;
  button.setAttribute("aria-busy", "true");
  part("uploading").hidden = false;
  try {
    const answer = await send();
    location.assign(`/campaigns/${encodeURIComponent(campaign)}/imports/${encodeURIComponent(answer.import_id)}`);
  } catch (error) {
    sending = false;
    button.removeAttribute("aria-busy");
    part("uploading").hidden = true;
    showProblem(error.message);
  }
}

form.noValidate = true;
form.addEventListener("input", () => (key = newKey()));
form.addEventListener("submit", upload);
takeOver(form);
