"""Facts of one foreign commit that a policy reacts to together, and when each goes by itself."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import pytest

from libs.database import Database, connect
from libs.events.base import Recorded
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import Commit, Meta
from libs.views.parking import Parked, Parking
from libs.views.reactions import PolicyRunner
from libs.views.replay import replay_reactions
from libs.views.view import Policy
from tests.libs.marks import AT, Marked, all_of

pytestmark = pytest.mark.real


def now():
    return AT


@pytest.fixture
async def parking(mongodb_url: str, database_prefix: str) -> AsyncIterator[Parking]:
    client = connect(mongodb_url)
    database: Database = client[database_prefix]
    parking = Parking(database, now)
    await parking.prepare()
    yield parking
    await client.drop_database(database_prefix)
    await client.close()


async def log_of(*commits: Sequence[int]) -> MemoryLog:
    """A publisher whose commits hold the marks of these serials, each of a thing of its own."""
    log = MemoryLog("left.events")
    for number, serials in enumerate(commits):
        facts = tuple(Marked(thing_id=f"t{n}", group_id="g", serial=n) for n in serials)
        await log.append(Commit(f"commit-{number}", f"stream-{number}", 1, facts, Meta(AT, "a")))
    return log


def serial_of(fact: Recorded) -> int:
    event: Any = fact.event
    serial: int = event.serial
    return serial


class Reactor:
    """Writes down what it did, together and one by one; fails, or cannot, where it is told to."""

    def __init__(self) -> None:
        self.done: list[int | tuple[int, ...]] = []
        self.fails_at: Collection[int] = ()
        self.cannot = False
        self.away = 0

    async def react(self, fact: Recorded) -> None:
        await asyncio.sleep(0)
        if serial_of(fact) in self.fails_at:
            raise LookupError
        self.done.append(serial_of(fact))

    async def react_together(self, facts: Sequence[Recorded]) -> bool:
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise ConnectionError
        serials = tuple(serial_of(fact) for fact in facts)
        if not set(serials).isdisjoint(self.fails_at):
            raise LookupError
        if not self.cannot:
            self.done.append(serials)
        return not self.cannot


def runner_of(reactor: Reactor, parking: Parking) -> PolicyRunner:
    """All marks take one turn."""
    policy = Policy(
        "reactor",
        (Marked,),
        reactor.react,
        turn=lambda _: "all",
        react_together=reactor.react_together,
    )
    return PolicyRunner(
        policy, parking, now, passes=lambda error: isinstance(error, ConnectionError)
    )


async def test_neighbours_of_one_commit_go_together_and_all_in_order(parking: Parking) -> None:
    reactor = Reactor()
    runner = runner_of(reactor, parking)
    facts = await all_of(await log_of((1, 2), (3,), (4, 5, 6)))
    await runner.apply(facts)
    assert reactor.done == [(1, 2), 3, (4, 5, 6)]
    reactor.done.clear()
    # Partitions may have mixed the commits: then the order counts for more.
    await runner.apply([facts[0], facts[3], facts[1], facts[4], facts[5]])
    assert reactor.done == [1, 4, 2, (5, 6)]


async def test_a_policy_that_cannot_react_together_is_asked_one_by_one(parking: Parking) -> None:
    reactor = Reactor()
    reactor.cannot = True
    await runner_of(reactor, parking).apply(await all_of(await log_of((1, 2), (3, 4))))
    assert reactor.done == [1, 2, 3, 4]


async def test_what_passes_by_itself_is_tried_again_together(parking: Parking) -> None:
    reactor = Reactor()
    reactor.away = 2
    await runner_of(reactor, parking).apply(await all_of(await log_of((1, 2))))
    assert reactor.done == [(1, 2)]


async def test_of_facts_that_fail_together_only_the_one_at_fault_is_parked(
    parking: Parking,
) -> None:
    reactor = Reactor()
    reactor.fails_at = {2}
    log = await log_of((1, 2, 3), (4, 5))
    runner = runner_of(reactor, parking)
    await runner.apply(await all_of(log))
    assert reactor.done == [1, 3, (4, 5)]
    parked = await parking.listing(runner.name)
    assert [(entry.kafka_key, entry.reason) for entry in parked] == [("t2", "LookupError")]
    reactor.fails_at = ()
    await replay_reactions(runner, "t2", parking, [log])
    assert reactor.done == [1, 3, (4, 5), 2]


async def test_a_fact_behind_a_parked_one_waits_and_its_neighbours_go_one_by_one(
    parking: Parking,
) -> None:
    reactor = Reactor()
    runner = runner_of(reactor, parking)
    (earlier, *_), facts = await all_of(await log_of((2,))), await all_of(await log_of((1, 2, 3)))
    before = Parked.fact(runner.name, None, earlier, "LookupError")
    await parking.park([before])
    await runner.apply(facts)
    assert reactor.done == [1, 3]
    reasons = {entry.fact_id: entry.reason for entry in await parking.listing(runner.name)}
    assert reasons == {earlier.id: "LookupError", facts[1].id: "follows a parked fact"}
    # Freed, they go together again.
    await parking.release(await parking.listing(runner.name))
    await runner.apply(facts)
    assert reactor.done == [1, 3, (1, 2, 3)]
