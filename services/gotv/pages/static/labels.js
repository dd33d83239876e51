// The words organizers see for levels of support, dispositions and the states of a phone bank.

export const SUPPORT = {
  1: "1, strong for",
  2: "2, leaning for",
  3: "3, undecided",
  4: "4, leaning against",
  5: "5, strong against",
  unsure: "Would not say",
};

export const DISPOSITIONS = {
  not_home: "Not home",
  busy: "Busy",
  wrong_number: "Wrong number",
  disconnected: "Disconnected",
  refused: "Refused",
  deceased: "Deceased",
  canvassed: "Talked to the voter",
  left_message: "Left a message",
  call_back: "Call back",
  hung_up: "Hung up",
  do_not_call: "Never call again",
  moved: "Moved",
  language_barrier: "Language barrier",
  unreachable: "Unreachable",
};

export const BANK_STATES = { created: "Not open yet", open: "Open", paused: "Paused", closed: "Closed" };

export const FUNNEL = {
  attempts: "Attempts",
  dials: "Dials",
  contacts: "Contacts",
  conversations: "Conversations",
  ids: "IDs",
};

// Why voters are not left to call now: first those who will be later, then those who will not.
export const WHY_NOT = {
  being_called: "Later: on a caller’s screen now",
  outside_hours: "Later: outside their calling hours",
  promised: "Later: promised a call at a time",
  resting: "Later: resting between two attempts",
  attempts: "Done: talked to, or no attempt left",
  no_phone: "Never: no phone number",
  wrong_number: "Never: only wrong numbers",
  retired_line: "Never: only numbers out of service",
  refused: "Never: refused",
  do_not_call: "Never: do not call",
  deceased: "Never: deceased",
  moved: "Never: moved",
  voted: "Never: has voted",
};
