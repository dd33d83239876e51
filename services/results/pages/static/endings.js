// The words for how calls end, and what each leads to; a lead reads them beside the form.

export const ENDINGS = [
  ["not_home", "Not home", "We call again."],
  ["busy", "Busy", "We call again."],
  ["wrong_number", "Wrong number", "This voter is not called on this number any more; another number may be."],
  ["disconnected", "Disconnected", "One later check; after a second report nobody calls this number."],
  ["refused", "Refused", "The voter asked, in words, to be left alone: this campaign does not call again."],
  ["deceased", "Deceased", "Nobody asks for this voter again; the household stays."],
  ["canvassed", "Talked to the voter", "Not called again until the campaign asks again."],
  ["call_back", "Call back at …", "Say when: the same caller is asked first."],
  ["hung_up", "Hung up", "Once more, after a week."],
  ["do_not_call", "Never call again", "Nobody calls this voter or this number again."],
  ["moved", "Moved", "Only with a new number."],
  ["language_barrier", "Language barrier", "Somebody who speaks the language calls again."],
  ["left_message", "Left a message", "We call again. It is no contact."],
  ["unreachable", "Unreachable", "Twice more, three days apart."],
];

/** What an ending is called. */
export function endingInWords(value) {
  return ENDINGS.find(([each]) => each === value)?.[1] ?? value;
}

/** The end of an id, enough to tell one from another on a page. */
export function short(id) {
  return `…${String(id).slice(-6)}`;
}
