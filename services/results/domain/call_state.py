"""What the facts of a call come to: what was told of each voter, what counts, what came with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from libs.events.results import (
    CallCorrected,
    CallDispositioned,
    CallSuperseded,
    HearsayRecorded,
    NoteLeft,
    PromiseMade,
    PromiseTakenBack,
    VolunteerOffered,
    VolunteerOfferTakenBack,
)

CallFact = (
    CallDispositioned
    | CallSuperseded
    | CallCorrected
    | HearsayRecorded
    | NoteLeft
    | PromiseMade
    | PromiseTakenBack
    | VolunteerOffered
    | VolunteerOfferTakenBack
)

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Promise:
    """A time, and where in the vault the number and the question lie."""

    at: datetime
    number_deposit_id: str | None = None
    question_deposit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """By voter: all results, the one that counts, and the texts, promise and offer that stand.

    `deposit_ids` are all texts ever recorded.
    """

    heard: Mapping[str, tuple[CallDispositioned, ...]] = field(default_factory=dict)
    counted: Mapping[str, CallDispositioned] = field(default_factory=dict)
    deposit_ids: frozenset[str] = frozenset()
    hearsay: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    promises: Mapping[str, PromiseMade] = field(default_factory=dict)
    offers: Mapping[str, VolunteerOffered] = field(default_factory=dict)

    def is_complete(self, voter_ids: Sequence[str]) -> bool:
        """Whether each of these voters has a result."""
        return self.counted.keys() >= set(voter_ids)

    def results_of(self, call_id: str, voter_id: str) -> list[CallDispositioned]:
        """What this call told of a voter, corrections included, in the order it was recorded."""
        return [fact for fact in self.heard.get(voter_id, ()) if fact.call_id == call_id]


def evolve(call: Call, fact: CallFact) -> Call:  # noqa: PLR0911 - one case a fact.
    """The call after `fact`."""
    who = fact.voter_id
    match fact:
        case CallDispositioned():
            heard = {**call.heard, who: (*call.heard.get(who, ()), fact)}
            held = call.counted.get(who)
            counts = held is None or is_later(fact, held)
            counted = {**call.counted, who: fact} if counts else call.counted
            return replace(call, heard=heard, counted=counted)
        case CallSuperseded():
            return call
        case CallCorrected(hearsay_deposit_ids=hearsay, note_deposit_ids=notes):
            return replace(
                call, hearsay={**call.hearsay, who: hearsay}, notes={**call.notes, who: notes}
            )
        case HearsayRecorded(deposit_id=deposit_id):
            call = replace(call, deposit_ids=call.deposit_ids | {deposit_id})
            return replace(call, hearsay=_with(call.hearsay, who, deposit_id))
        case NoteLeft(deposit_id=deposit_id):
            call = replace(call, deposit_ids=call.deposit_ids | {deposit_id})
            return replace(call, notes=_with(call.notes, who, deposit_id))
        case PromiseMade():
            return replace(call, promises={**call.promises, who: fact})
        case PromiseTakenBack():
            return replace(call, promises=_without(call.promises, who))
        case VolunteerOffered():
            return replace(call, offers={**call.offers, who: fact})
        case VolunteerOfferTakenBack():
            return replace(call, offers=_without(call.offers, who))


def is_later(one: CallDispositioned, other: CallDispositioned) -> bool:
    """Whether `one` counts: the later call time; of equals, the one that came later."""
    return (one.called_at, one.received_at) >= (other.called_at, other.received_at)


def is_same(one: CallDispositioned, other: CallDispositioned) -> bool:
    """Whether both say the same, whenever and under whichever id it was said."""
    when = {"call_id": "", "called_at": other.called_at, "received_at": other.received_at}
    return one.model_copy(update=when) == other.model_copy(update=when)


def _with(
    texts: Mapping[str, tuple[str, ...]], who: str, deposit_id: str
) -> dict[str, tuple[str, ...]]:
    return {**texts, who: tuple(dict.fromkeys((*texts.get(who, ()), deposit_id)))}


def _without(kept: Mapping[str, Kept], who: str) -> dict[str, Kept]:
    return {each: fact for each, fact in kept.items() if each != who}
