"""It is okay to make mistakes: who may put a result right, until when, and what follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from libs.events.results import CallCorrected, CallDispositioned, CallSuperseded
from services.results.domain.beside import is_promised, promise_and_offer, texts
from services.results.domain.call_commands import CorrectCall, Result
from services.results.domain.call_state import Call, CallFact, is_same
from services.results.domain.errors import (
    AnotherResultCounts,
    NoSuchCall,
    NotYoursToCorrect,
    TooLateToCorrect,
)

CALLER_MAY_CORRECT = timedelta(minutes=10)
_LATER = timedelta(milliseconds=1)  # As MongoDB keeps time.

By = Literal["caller", "lead"]


def correctable_until(first: CallDispositioned) -> datetime:
    """Until when the caller may correct what was `first` recorded."""
    return first.received_at + CALLER_MAY_CORRECT


def corrects_as(first: CallDispositioned, caller_id: str, at: datetime, *, is_lead: bool) -> By:
    """As whom somebody may see and correct a call of which this was `first` recorded.

    Raises TooLateToCorrect for the call's own caller, NotYoursToCorrect for anybody else.
    """
    is_own = first.caller_id == caller_id
    if is_own and at <= correctable_until(first):
        return "caller"
    if is_lead:
        return "lead"
    raise TooLateToCorrect if is_own else NotYoursToCorrect


def correct(call: Call, command: CorrectCall) -> Sequence[CallFact]:
    """What the call should have recorded of a voter; nothing when that is what it recorded."""
    result = command.result
    told = call.results_of(command.call_id, result.voter_id)
    if not told:
        raise NoSuchCall
    by = corrects_as(told[0], command.corrected_by, command.at, is_lead=command.is_lead)
    held = call.counted[result.voter_id]
    if held.call_id != command.call_id:
        raise AnotherResultCounts(call_id=held.call_id)
    said = _as_corrected(held, result, command.at)
    if is_same(said, held) and _stands(call, result):
        return []
    taken_back = tuple(
        deposit_id
        for deposit_id in call.hearsay.get(result.voter_id, ())
        if deposit_id not in result.hearsay_deposit_ids
    )
    corrected = CallCorrected(
        campaign_id=held.campaign_id,
        voter_id=held.voter_id,
        call_id=held.call_id,
        bank_id=held.bank_id,
        line_id=held.line_id,
        caller_id=held.caller_id,
        corrected_by=command.corrected_by,
        by=by,
        disposition_was=held.disposition,
        disposition=said.disposition,
        support_was=held.support,
        support=said.support,
        hearsay_deposit_ids=result.hearsay_deposit_ids,
        hearsay_taken_back=taken_back,
        note_deposit_ids=result.note_deposit_ids,
        corrected_at=said.received_at,
    )
    return [
        said,
        superseded(held, by_call_id=held.call_id),
        corrected,
        *texts(call, result, said),
        *promise_and_offer(call, result, said),
    ]


def superseded(result: CallDispositioned, *, by_call_id: str) -> CallSuperseded:
    """The fact that a result no longer counts."""
    return CallSuperseded(
        campaign_id=result.campaign_id,
        voter_id=result.voter_id,
        voter_ids=result.voter_ids,
        call_id=result.call_id,
        by_call_id=by_call_id,
        assignment_id=result.assignment_id,
        bank_id=result.bank_id,
        line_id=result.line_id,
        caller_id=result.caller_id,
        organization_id=result.organization_id,
        disposition=result.disposition,
        spoke_with=result.spoke_with,
        answers=result.answers,
        support=result.support,
        volunteer=result.volunteer,
        called_at=result.called_at,
    )


def _as_corrected(held: CallDispositioned, result: Result, at: datetime) -> CallDispositioned:
    """The same call at the same time, with what it should have recorded."""
    return held.model_copy(
        update={
            "disposition": result.disposition,
            "spoke_with": result.spoke_with,
            "answers": dict(result.answers),
            "support": result.support,
            "volunteer": result.volunteer,
            "call_back_at": result.promise.at if result.promise else None,
            "language": result.language,
            "definite": result.definite,
            "received_at": max(at, held.received_at + _LATER),
        }
    )


def _stands(call: Call, result: Result) -> bool:
    """Whether the same texts and the same promise came with it as stand now."""
    who = result.voter_id
    return (
        set(call.hearsay.get(who, ())) == set(result.hearsay_deposit_ids)
        and set(call.notes.get(who, ())) == set(result.note_deposit_ids)
        and is_promised(call, result)
    )
