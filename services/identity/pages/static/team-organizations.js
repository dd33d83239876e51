// Admits organizations to a campaign, founds them, and begins another campaign.

import { ask, newKey } from "./api.js";
import { sendAsJson, showProblem } from "./json-form.js";
import { suggestNames } from "./organization-names.js";
import { goAndSay, reloadAndSay } from "./said.js";

const campaign = document.querySelector("[data-team]").dataset.campaign;
const admissions = `/identity/campaigns/${encodeURIComponent(campaign)}/organizations`;
const admit = document.querySelector("[data-admit]");
const found = document.querySelector("[data-found]");
const begin = document.querySelector("[data-begin]");

const doors = Array.from(begin.querySelectorAll("[data-doors] input"));

const named = (form, name) => form.elements[name].value.trim();

sendAsJson(admit, {
  path: admissions,
  read: () => ({ organization: named(admit, "organization") }),
  done: () => reloadAndSay("The organization is admitted: its volunteers may call for this campaign."),
  refused: suggestNames(admit),
});

/** Whatever goes wrong here, the organization is there: the form above admits it. */
async function admitNew({ organization_id: organization }) {
  try {
    await ask("POST", admissions, { body: { organization_id: organization }, key: newKey() });
  } catch (error) {
    admit.elements.organization.value = named(found, "name");
    found.reset();
    showProblem(admit, error);
    return;
  }
  reloadAndSay("The organization is founded and admitted. You are its coordinator.");
}

sendAsJson(found, {
  path: "/identity/organizations",
  read: () => ({
    name: named(found, "name"),
    help_contact: named(found, "help_contact"),
    words: named(found, "words"),
  }),
  done: admitNew,
});

function needsADoor() {
  doors[0].setCustomValidity(doors.some((each) => each.checked) ? "" : "Leave at least one way open.");
}

begin.addEventListener("change", needsADoor);
sendAsJson(begin, {
  path: "/identity/campaigns",
  read: () => ({
    name: named(begin, "campaign_name"),
    doors: doors.filter((each) => each.checked).map((each) => each.name),
  }),
  done: ({ campaign_id: id }) =>
    goAndSay(`/campaigns/${encodeURIComponent(id)}/team`, "The campaign has begun, and you are its admin. Admit an organization to it next."),
});
