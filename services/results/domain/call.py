"""One call: a result for each voter of an assignment, whenever they come, and however often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from libs.decider import Decider
from libs.events.results import (
    AnswerValue,
    CallDispositioned,
    CallSuperseded,
    Disposition,
    HearsayRecorded,
    NoteLeft,
    PromiseMade,
    SpokeWith,
    VolunteerOffered,
)

CallFact = (
    CallDispositioned | CallSuperseded | HearsayRecorded | NoteLeft | PromiseMade | VolunteerOffered
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A time, and where in the vault the number and the question lie."""

    at: datetime
    number_deposit_id: str | None = None
    question_deposit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What counts for one voter; texts are deposits in the vault."""

    voter_id: str
    disposition: Disposition
    spoke_with: SpokeWith
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    support: int | None = None
    volunteer: bool | None = None
    language: str | None = None
    definite: bool = False
    promise: Promise | None = None
    hearsay_deposit_ids: tuple[str, ...] = ()
    note_deposit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordCall:
    """A caller says how the call ended for some or all voters of an assignment.

    `call_id` belongs to the assignment; a second, different result for the same voter becomes a
    call of its own under `other_call_id`. Every voter of `results` is among `voter_ids`.
    """

    campaign_id: str
    bank_id: str
    assignment_id: str
    line_id: str
    caller_id: str
    organization_id: str | None
    script_version: int
    voter_ids: tuple[str, ...]
    call_id: str
    other_call_id: str
    results: tuple[Result, ...]
    called_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """What its facts made of it: for each voter the result that counts, and what came with it."""

    counted: Mapping[str, CallDispositioned] = field(default_factory=dict)
    last_call_id: str | None = None
    deposit_ids: frozenset[str] = frozenset()
    promises: frozenset[tuple[str, Promise]] = frozenset()
    volunteers: frozenset[str] = frozenset()

    def is_complete(self, voter_ids: Sequence[str]) -> bool:
        """Whether each of these voters has a result."""
        return self.counted.keys() >= set(voter_ids)


def evolve(call: Call, fact: CallFact) -> Call:
    """The call after `fact`."""
    match fact:
        case CallDispositioned(voter_id=voter_id, call_id=call_id):
            held = call.counted.get(voter_id)
            counts = held is None or _is_later(fact, held)
            counted = {**call.counted, voter_id: fact} if counts else call.counted
            return replace(call, counted=counted, last_call_id=call_id)
        case CallSuperseded():
            return call
        case HearsayRecorded(deposit_id=deposit_id) | NoteLeft(deposit_id=deposit_id):
            return replace(call, deposit_ids=call.deposit_ids | {deposit_id})
        case PromiseMade(voter_id=voter_id):
            promise = Promise(fact.call_at, fact.number_deposit_id, fact.question_deposit_id)
            return replace(call, promises=call.promises | {(voter_id, promise)})
        case VolunteerOffered(voter_id=voter_id):
            return replace(call, volunteers=call.volunteers | {voter_id})


def decide(call: Call, command: RecordCall) -> Sequence[CallFact]:
    """Record what is not known yet. Nothing is refused: every call is a good call."""
    facts: list[CallFact] = []
    for result in command.results:
        facts += _facts_of(call, command, result)
    return facts


def _facts_of(call: Call, command: RecordCall, result: Result) -> list[CallFact]:
    held = call.counted.get(result.voter_id)
    said = _dispositioned(
        command, result, command.call_id if held is None else command.other_call_id
    )
    facts: list[CallFact] = []
    call_id = said.call_id
    if held is not None and _is_same(said, held):
        call_id = held.call_id  # The caller's phone sent it again; saying it twice changes nothing.
    else:
        facts.append(said)
        if held is not None:
            later, earlier = (said, held) if _is_later(said, held) else (held, said)
            facts.append(_superseded(earlier, by=later))
    return [*facts, *_beside(call, command, result, call_id)]


def _beside(call: Call, command: RecordCall, result: Result, call_id: str) -> list[CallFact]:
    """What came with the result and is not recorded yet."""
    named: dict[str, Any] = {
        "campaign_id": command.campaign_id,
        "voter_id": result.voter_id,
        "call_id": call_id,
        "bank_id": command.bank_id,
        "caller_id": command.caller_id,
    }
    facts: list[CallFact] = [
        HearsayRecorded(**named, deposit_id=deposit_id, heard_at=command.called_at)
        for deposit_id in result.hearsay_deposit_ids
        if deposit_id not in call.deposit_ids
    ]
    facts += [
        NoteLeft(**named, deposit_id=deposit_id)
        for deposit_id in result.note_deposit_ids
        if deposit_id not in call.deposit_ids
    ]
    promise = result.promise
    if promise is not None and (result.voter_id, promise) not in call.promises:
        facts.append(
            PromiseMade(
                **named,
                line_id=command.line_id,
                call_at=promise.at,
                number_deposit_id=promise.number_deposit_id,
                question_deposit_id=promise.question_deposit_id,
            )
        )
    if result.volunteer and result.voter_id not in call.volunteers:
        facts.append(
            VolunteerOffered(
                **named,
                organization_id=command.organization_id,
                offered_at=command.called_at,
            )
        )
    return facts


def _dispositioned(command: RecordCall, result: Result, call_id: str) -> CallDispositioned:
    return CallDispositioned(
        campaign_id=command.campaign_id,
        voter_id=result.voter_id,
        voter_ids=command.voter_ids,
        call_id=call_id,
        assignment_id=command.assignment_id,
        bank_id=command.bank_id,
        line_id=command.line_id,
        caller_id=command.caller_id,
        organization_id=command.organization_id,
        script_version=command.script_version,
        disposition=result.disposition,
        spoke_with=result.spoke_with,
        answers=dict(result.answers),
        support=result.support,
        volunteer=result.volunteer,
        call_back_at=result.promise.at if result.promise else None,
        language=result.language,
        definite=result.definite,
        called_at=command.called_at,
        received_at=command.received_at,
    )


def _superseded(result: CallDispositioned, *, by: CallDispositioned) -> CallSuperseded:
    return CallSuperseded(
        campaign_id=result.campaign_id,
        voter_id=result.voter_id,
        voter_ids=result.voter_ids,
        call_id=result.call_id,
        by_call_id=by.call_id,
        assignment_id=result.assignment_id,
        bank_id=result.bank_id,
        caller_id=result.caller_id,
        organization_id=result.organization_id,
        disposition=result.disposition,
        spoke_with=result.spoke_with,
        answers=result.answers,
        support=result.support,
        volunteer=result.volunteer,
        called_at=result.called_at,
    )


def _is_later(one: CallDispositioned, other: CallDispositioned) -> bool:
    """Whether `one` counts: the later call time; of equals, the one that came later."""
    return (one.called_at, one.received_at) >= (other.called_at, other.received_at)


def _is_same(one: CallDispositioned, other: CallDispositioned) -> bool:
    """Whether both say the same, whenever and under whichever id it was said."""
    when = {"call_id": "", "called_at": other.called_at, "received_at": other.received_at}
    return one.model_copy(update=when) == other.model_copy(update=when)


CALL: Decider[Call, RecordCall, CallFact] = Decider(Call, evolve, decide)
