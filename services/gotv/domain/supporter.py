"""Whether a voter is a supporter: the latest answer that stands decides, whenever it arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from libs.decider import Decider
from libs.events.gotv import SupporterIdentified, SupporterLost
from services.gotv.domain.facts import SupportWeighed

SUPPORTER_LEVELS_DEFAULT = (1, 2)

SupporterFact = SupporterIdentified | SupporterLost | SupportWeighed


@dataclass(frozen=True, slots=True)
class WeighAnswer:
    """The voter was asked for support and gave a level (0: would not say).

    The same call received later is a correction. `supporter_levels` is the campaign's rule.
    """

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: datetime
    received_at: datetime
    supporter_levels: tuple[int, ...] = SUPPORTER_LEVELS_DEFAULT


@dataclass(frozen=True, slots=True)
class TakeBackAnswer:
    """The call says nothing of support any more: corrected, or another call counts instead."""

    campaign_id: str
    voter_id: str
    call_id: str
    received_at: datetime
    supporter_levels: tuple[int, ...] = SUPPORTER_LEVELS_DEFAULT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call said last; `level` None: nothing any more, `received_at` None: not known."""

    level: int | None
    answered_at: datetime
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Supporter:
    """The answers by call, and the level by which the voter was called a supporter, if so."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    identified_by: int | None = None

    @property
    def latest(self) -> str | None:
        """The call whose answer counts: by call time; of two at one time always the same."""
        standing = [
            (answer.answered_at, call_id)
            for call_id, answer in self.answers.items()
            if answer.level is not None
        ]
        return max(standing)[1] if standing else None


SupportCommand = WeighAnswer | TakeBackAnswer


def evolve(supporter: Supporter, fact: SupporterFact) -> Supporter:
    """The voter after `fact`."""
    match fact:
        case SupporterIdentified(level=level):
            return replace(_heard(supporter, fact), identified_by=level)
        case SupporterLost():
            return replace(_heard(supporter, fact), identified_by=None)
        case SupportWeighed(call_id=call_id):
            answer = Answer(fact.level, fact.answered_at, fact.received_at)
            return replace(supporter, answers={**supporter.answers, call_id: answer})


def decide(supporter: Supporter, command: SupportCommand) -> Sequence[SupporterFact]:
    """Remember what each call says; identify or lose when the latest that stands is another."""
    known = supporter.answers.get(command.call_id)
    match command:
        case WeighAnswer(level=level):
            if known and (known.level == level or _is_newer(known, command.received_at)):
                return []
            weighed = _weighed(command, level, command.answered_at)
        case TakeBackAnswer():
            if not known or known.level is None or _is_newer(known, command.received_at):
                return []
            weighed = _weighed(command, None, known.answered_at)
        case _:
            assert_never(command)
    return [weighed, *_consequence(supporter, evolve(supporter, weighed), command)]


def _consequence(
    before: Supporter, after: Supporter, command: SupportCommand
) -> Sequence[SupporterFact]:
    ids = {"campaign_id": command.campaign_id, "voter_id": command.voter_id}
    call_id = after.latest
    if call_id is None:
        # Lost with the answer that was taken back, in whose words it is told.
        call_id = command.call_id
        told = before.answers.get(call_id)
    else:
        told = after.answers[call_id]
    if told is None or told.level is None:
        return []
    said = ids | {"level": told.level, "call_id": call_id, "answered_at": told.answered_at}
    meets = after.latest is not None and told.level in command.supporter_levels
    if meets and before.identified_by != told.level:
        return [SupporterIdentified.model_validate(said)]
    if before.identified_by is not None and not meets:
        return [SupporterLost.model_validate(said)]
    return []


def _heard(supporter: Supporter, fact: SupporterIdentified | SupporterLost) -> Supporter:
    """Before answers were weighed by facts of their own, this was all that told of one."""
    if fact.call_id in supporter.answers:
        return supporter
    answer = Answer(fact.level, fact.answered_at)
    return replace(supporter, answers={**supporter.answers, fact.call_id: answer})


def _weighed(command: SupportCommand, level: int | None, answered_at: datetime) -> SupportWeighed:
    return SupportWeighed(
        campaign_id=command.campaign_id,
        voter_id=command.voter_id,
        level=level,
        call_id=command.call_id,
        answered_at=answered_at,
        received_at=command.received_at,
    )


def _is_newer(known: Answer, received_at: datetime) -> bool:
    """Whether more is known of the call: a fact may be repeated after what corrected it."""
    return known.received_at is not None and received_at < known.received_at


SUPPORTER: Decider[Supporter, SupportCommand, SupporterFact] = Decider(Supporter, evolve, decide)
