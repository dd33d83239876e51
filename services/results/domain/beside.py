"""What comes with a result: texts, and the promise and the offer of help that stand with it."""

from typing import Any

from libs.events.results import (
    CallDispositioned,
    HearsayRecorded,
    NoteLeft,
    PromiseMade,
    PromiseTakenBack,
    VolunteerOffered,
    VolunteerOfferTakenBack,
)
from services.results.domain.call_commands import Result
from services.results.domain.call_state import Call, CallFact, Promise


def texts(call: Call, result: Result, said: CallDispositioned) -> list[CallFact]:
    """The hearsay and notes of a result that are not recorded yet."""
    facts: list[CallFact] = [
        HearsayRecorded(**_named(said), deposit_id=deposit_id, heard_at=said.called_at)
        for deposit_id in result.hearsay_deposit_ids
        if deposit_id not in call.deposit_ids
    ]
    facts += [
        NoteLeft(**_named(said), deposit_id=deposit_id)
        for deposit_id in result.note_deposit_ids
        if deposit_id not in call.deposit_ids
    ]
    return facts


def promise_and_offer(call: Call, result: Result, said: CallDispositioned) -> list[CallFact]:
    """What is promised and offered now that `said` counts, and what is taken back with it."""
    return [*_promise(call, result, said), *_offer(call, result, said)]


def is_promised(call: Call, result: Result) -> bool:
    """Whether the promise that stands is the one that came with this result."""
    made = call.promises.get(result.voter_id)
    return (made and _terms(made)) == result.promise


def _promise(call: Call, result: Result, said: CallDispositioned) -> list[CallFact]:
    made = call.promises.get(result.voter_id)
    facts: list[CallFact] = []
    if made is not None and (result.promise is None or made.call_id != said.call_id):
        kept = made.model_dump(exclude={"number_deposit_id", "question_deposit_id"})
        facts.append(PromiseTakenBack(**kept))
    promise = result.promise
    if promise is not None and not (is_promised(call, result) and not facts):
        facts.append(
            PromiseMade(
                **_named(said),
                line_id=said.line_id,
                call_at=promise.at,
                number_deposit_id=promise.number_deposit_id,
                question_deposit_id=promise.question_deposit_id,
            )
        )
    return facts


def _offer(call: Call, result: Result, said: CallDispositioned) -> list[CallFact]:
    offered = call.offers.get(result.voter_id)
    if offered is None and result.volunteer:
        return [
            VolunteerOffered(
                **_named(said),
                organization_id=said.organization_id,
                offered_at=said.called_at,
            )
        ]
    if offered is not None and not result.volunteer:
        return [VolunteerOfferTakenBack(**offered.model_dump())]
    return []


def _terms(made: PromiseMade) -> Promise:
    return Promise(made.call_at, made.number_deposit_id, made.question_deposit_id)


def _named(said: CallDispositioned) -> dict[str, Any]:
    return {
        "campaign_id": said.campaign_id,
        "voter_id": said.voter_id,
        "call_id": said.call_id,
        "bank_id": said.bank_id,
        "caller_id": said.caller_id,
    }
