"""Whether a voter is a supporter: the latest answer decides, whenever it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.decider import Decider
from libs.events.gotv import SupporterIdentified, SupporterLost
from services.gotv.domain.facts import SupportWeighed

SUPPORTER_LEVELS_DEFAULT = (1, 2)

SupporterFact = SupporterIdentified | SupporterLost | SupportWeighed


@dataclass(frozen=True, slots=True)
class WeighAnswer:
    """The voter was asked for support and gave a level (0: would not say).

    `supporter_levels` is the campaign's rule.
    """

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: datetime
    supporter_levels: tuple[int, ...] = SUPPORTER_LEVELS_DEFAULT


@dataclass(frozen=True, slots=True)
class Supporter:
    """The latest answer, and whether it made a supporter."""

    is_supporter: bool = False
    level: int | None = None
    answered_at: datetime | None = None
    call_id: str = ""


def evolve(supporter: Supporter, fact: SupporterFact) -> Supporter:
    """The voter after `fact`. An answer is weighed only if it is the latest."""
    match fact:
        case SupporterIdentified():
            return _after(fact, is_supporter=True)
        case SupporterLost():
            return _after(fact, is_supporter=False)
        case SupportWeighed():
            return _after(fact, is_supporter=supporter.is_supporter)


def decide(supporter: Supporter, command: WeighAnswer) -> Sequence[SupporterFact]:
    """Identify, lose, or only remember; an older answer changes nothing."""
    if not _is_later(command, supporter):
        return []
    said = {
        "campaign_id": command.campaign_id,
        "voter_id": command.voter_id,
        "level": command.level,
        "call_id": command.call_id,
        "answered_at": command.answered_at,
    }
    meets = command.level in command.supporter_levels
    if meets and not (supporter.is_supporter and supporter.level == command.level):
        return [SupporterIdentified.model_validate(said)]
    if supporter.is_supporter and not meets:
        return [SupporterLost.model_validate(said)]
    return [SupportWeighed.model_validate(said)]


def _after(fact: SupporterFact, *, is_supporter: bool) -> Supporter:
    return Supporter(is_supporter, fact.level, fact.answered_at, fact.call_id)


def _is_later(command: WeighAnswer, supporter: Supporter) -> bool:
    """By call time; of two calls at one time, the same one whichever came first."""
    if supporter.answered_at is None:
        return True
    known = (supporter.answered_at, supporter.call_id)
    return (command.answered_at, command.call_id) > known


SUPPORTER: Decider[Supporter, WeighAnswer, SupporterFact] = Decider(Supporter, evolve, decide)
