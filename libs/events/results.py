"""The facts of results: how calls ended and what voters said."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from libs.events.base import Event

TOPIC = "results.events"


class Disposition(StrEnum):
    """How an attempt ended, one for each voter of it. Meanings are fixed, labels are not."""

    NOT_HOME = "not_home"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"
    DISCONNECTED = "disconnected"
    REFUSED = "refused"
    DECEASED = "deceased"
    CANVASSED = "canvassed"
    LEFT_MESSAGE = "left_message"
    CALL_BACK = "call_back"
    HUNG_UP = "hung_up"
    DO_NOT_CALL = "do_not_call"
    MOVED = "moved"
    LANGUAGE_BARRIER = "language_barrier"
    UNREACHABLE = "unreachable"


# An answer is a choice, several, a number, yes or no. Free text stays in the vault.
AnswerValue = str | int | bool | tuple[str, ...]
SpokeWith = Literal["voter", "other_voter", "other", "nobody"]


class CallDispositioned(Event, type="results.call-dispositioned", version=1, key="voter_id"):
    """A caller recorded how a call ended for one voter, with the answers given before its end.

    `spoke_with` is seen from this voter: `voter` this one, `other_voter` another of the line.
    `support` (1 strong for … 5 strong against, 0 would not say) and `volunteer` are the answers to
    the questions that mean them, and only ever the voter's own.
    """

    campaign_id: str
    voter_id: str
    voter_ids: tuple[str, ...]
    call_id: str
    assignment_id: str
    bank_id: str
    line_id: str
    caller_id: str
    organization_id: str | None
    script_version: int
    disposition: Disposition
    spoke_with: SpokeWith
    answers: dict[str, AnswerValue]
    support: int | None = None
    volunteer: bool | None = None
    call_back_at: AwareDatetime | None = None
    language: str | None = None
    definite: bool = False
    called_at: AwareDatetime
    received_at: AwareDatetime


class CallSuperseded(Event, type="results.call-superseded", version=1, key="voter_id"):
    """Of two results for one attempt the later call time counts; this one no longer does.

    It stays visible. The fields are those of its CallDispositioned, so that totals can take it
    back; `by_call_id` is the result that counts instead, or this very call where it was corrected.
    `line_id` is missing in facts older than corrections.
    """

    campaign_id: str
    voter_id: str
    voter_ids: tuple[str, ...]
    call_id: str
    by_call_id: str
    assignment_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    disposition: Disposition
    spoke_with: SpokeWith
    answers: dict[str, AnswerValue]
    support: int | None = None
    volunteer: bool | None = None
    called_at: AwareDatetime
    line_id: str | None = None


class CallCorrected(Event, type="results.call-corrected", version=1, key="voter_id"):
    """The caller, within ten minutes, or a lead put right what a call recorded of one voter.

    It comes with the CallDispositioned that counts from now on, which has the call's own id and
    time, and with the CallSuperseded of what was recorded before. `hearsay_deposit_ids` and
    `note_deposit_ids` are the texts that stand now, `hearsay_taken_back` those that no longer do.
    """

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    line_id: str
    caller_id: str
    corrected_by: str
    by: Literal["caller", "lead"]
    disposition_was: Disposition
    disposition: Disposition
    support_was: int | None = None
    support: int | None = None
    hearsay_deposit_ids: tuple[str, ...] = ()
    hearsay_taken_back: tuple[str, ...] = ()
    note_deposit_ids: tuple[str, ...] = ()
    corrected_at: AwareDatetime


class HearsayRecorded(Event, type="results.hearsay-recorded", version=1, key="voter_id"):
    """Somebody else on the line said something about this voter; the words lie in the vault."""

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    caller_id: str
    deposit_id: str
    heard_at: AwareDatetime


class NoteLeft(Event, type="results.note-left", version=1, key="voter_id"):
    """The caller wrote a note about this call; the words lie in the vault."""

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    caller_id: str
    deposit_id: str


class PromiseMade(Event, type="results.promise-made", version=1, key="voter_id"):
    """A caller promised this voter a call at a time; number and question lie in the vault.

    Of two promises of one call to one voter the later fact counts.
    """

    campaign_id: str
    voter_id: str
    line_id: str
    call_id: str
    bank_id: str
    caller_id: str
    call_at: AwareDatetime
    number_deposit_id: str | None = None
    question_deposit_id: str | None = None


class PromiseTakenBack(Event, type="results.promise-taken-back", version=1, key="voter_id"):
    """The result with which this call promised the voter another no longer counts."""

    campaign_id: str
    voter_id: str
    line_id: str
    call_id: str
    bank_id: str
    caller_id: str
    call_at: AwareDatetime


class VolunteerOffered(Event, type="results.volunteer-offered", version=1, key="voter_id"):
    """The voter said yes to helping."""

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    offered_at: AwareDatetime


class VolunteerOfferTakenBack(
    Event, type="results.volunteer-offer-taken-back", version=1, key="voter_id"
):
    """The result with the voter's yes to helping no longer counts, and no other says yes."""

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    offered_at: AwareDatetime
