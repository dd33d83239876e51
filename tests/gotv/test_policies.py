"""An answer on support reaches gotv's rule once, by the campaign's own levels."""

from libs.database import Database
from libs.events.base import Recorded
from libs.events.gotv import SupporterIdentified, SupporterLost
from libs.eventstore.memory import MemoryLog
from services.gotv.policies import weigh_support
from tests.gotv.opened import Folding, campaign_created
from tests.results.facts import dispositioned, recorded
from tests.results.moments import EVENING, at


def heard(support: int | None, minutes: float, number: int = 1) -> Recorded:
    told = dispositioned(
        "ann", support=support, called_at=at(minutes), call_id=f"call{minutes}", spoke_with="voter"
    )
    return recorded([dispositioned("zoe")] * (number - 1) + [told])[-1]


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
    assert [type(fact) for fact in history.facts] == [SupporterIdentified, SupporterLost]
    assert history.version == 2


async def test_the_campaigns_levels_are_asked_for(database: Database) -> None:
    folding = Folding(database)
    await folding.take([campaign_created(supporter_levels=(1, 2, 3))])
    log = await reactions(database, [heard(3, 0)])
    (fact,) = (await log.read("voter-c1-ann")).facts
    assert isinstance(fact, SupporterIdentified)
    assert fact.level == 3
