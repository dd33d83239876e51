"""An answer on support reaches gotv's rule once, by the campaign's own levels."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.gotv import SupporterIdentified, SupporterLost
from libs.events.results import CallCorrected, CallDispositioned, CallSuperseded
from libs.eventstore.memory import MemoryLog
from services.gotv.domain.facts import SupportWeighed
from services.gotv.domain.supporter import SUPPORTER
from services.gotv.policies import weigh_support
from tests.gotv.opened import Folding, campaign_created
from tests.results.facts import dispositioned, recorded
from tests.results.moments import EVENING, at


def heard(support: int | None, minutes: float, number: int = 1) -> Recorded:
    told = dispositioned(
        "ann",
        support=support,
        called_at=at(minutes),
        received_at=at(minutes),
        call_id=f"call{minutes}",
        spoke_with="voter",
    )
    return recorded([dispositioned("zoe")] * (number - 1) + [told])[-1]


def told(facts: Iterable[Event]) -> list[type]:
    """What others are told."""
    return [type(fact) for fact in facts if not isinstance(fact, SupportWeighed)]


async def reactions(database: Database, facts: list[Recorded]) -> MemoryLog:
    log = MemoryLog("gotv.events")
    policy = weigh_support(log, database, lambda: EVENING)
    for fact in facts:
        for _ in range(2):
            await policy.react(fact)
    return log


async def test_a_fact_is_reacted_to_once(database: Database) -> None:
    log = await reactions(database, [heard(1, 0, 1), heard(None, 1, 2), heard(4, 2, 3)])
    history = await log.read("voter-c1-ann")
    assert told(history.facts) == [SupporterIdentified, SupporterLost]
    assert history.version == 2


async def test_the_campaigns_levels_are_asked_for(database: Database) -> None:
    folding = Folding(database)
    await folding.take([campaign_created(supporter_levels=(1, 2, 3))])
    log = await reactions(database, [heard(3, 0)])
    weighed, fact = (await log.read("voter-c1-ann")).facts
    assert isinstance(weighed, SupportWeighed)
    assert isinstance(fact, SupporterIdentified)
    assert fact.level == 3


def corrected(was: Recorded, support: int | None, number: int) -> list[Recorded]:
    """What results publishes, a minute later, when the voter had said something else."""
    result = was.event
    assert isinstance(result, CallDispositioned)
    at_last = result.received_at + timedelta(minutes=1)
    said = result.model_copy(update={"support": support, "received_at": at_last})
    gone = CallSuperseded(**result.model_dump(), by_call_id=result.call_id)
    correction = CallCorrected(
        **result.model_dump(exclude={"support"}),
        corrected_by="casper",
        by="caller",
        disposition_was=result.disposition,
        support_was=result.support,
        support=support,
        corrected_at=at_last,
    )
    others = [dispositioned("zoe")] * (number - 1)
    return recorded([*others, said, gone, correction])[-3:]


@pytest.mark.parametrize(
    ("support", "told_others"),
    [
        (None, [SupporterIdentified, SupporterLost]),
        (5, [SupporterIdentified, SupporterLost]),
        (2, [SupporterIdentified, SupporterIdentified]),
        (1, [SupporterIdentified]),
    ],
)
async def test_a_corrected_answer_is_weighed_again(
    database: Database, support: int | None, told_others: list[type]
) -> None:
    said = heard(1, 0, 1)
    correction = corrected(said, support, 2)
    # The relay repeats what it may have sent before.
    log = await reactions(database, [said, *correction, said, *correction])
    facts = (await log.read("voter-c1-ann")).facts
    assert told(facts) == told_others
    assert SUPPORTER.fold(facts).identified_by == (support if support in {1, 2} else None)  # type: ignore[arg-type]  # its own stream.


async def test_the_answer_before_the_one_taken_back_counts_again(database: Database) -> None:
    first, second = heard(1, 0, 1), heard(5, 30, 2)
    log = await reactions(database, [first, second, *corrected(second, None, 3)])
    facts = (await log.read("voter-c1-ann")).facts
    assert told(facts) == [SupporterIdentified, SupporterLost, SupporterIdentified]


async def test_of_two_results_for_one_attempt_the_answer_of_the_one_that_counts_is_weighed(
    database: Database,
) -> None:
    first, second = heard(1, 0, 1), heard(None, 1, 2)
    result = first.event
    assert isinstance(result, CallDispositioned)
    gone = CallSuperseded(**result.model_dump(), by_call_id="call1")
    superseded = recorded([dispositioned("zoe"), dispositioned("zoe"), gone])[-1]
    log = await reactions(database, [first, second, superseded, first])
    facts = (await log.read("voter-c1-ann")).facts
    assert told(facts) == [SupporterIdentified, SupporterLost]
