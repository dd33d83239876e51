// The words organizers see for levels of support and for dispositions.

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
