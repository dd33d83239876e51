// What the parts of a voter's row, and a file's gaps, are called on the pages.

export const CHANGES = {
  name: "Name",
  birth: "Date of birth or age",
  gender: "Gender",
  party: "Party",
  language: "Language",
  status: "Status of the registration",
  registration: "Registration",
  ids: "Ids of the voter",
  address: "Address",
  mailing: "Mailing address",
  districts: "Precinct and districts",
  votes: "Past votes",
  phones: "Phones",
  zones: "Time zone",
};

export const LACKING = {
  phones: "This file has no phone numbers: nobody can be called until a list with phones, such as a VAN export, is imported too.",
  party: "This file does not tell parties.",
  birth_date: "This file does not tell ages.",
  status: "This file does not tell who is an active voter.",
  county: "This file does not tell counties.",
};

export const STATUSES = {
  active: "Active",
  inactive: "Inactive",
  cancelled: "Cancelled",
  unknown: "Unknown: not called",
  "": "–",
};

/** `1 row`, `2,300 rows`. */
export function counted(count, noun) {
  return `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
}
