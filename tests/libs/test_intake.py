"""Records become facts in every view and policy, those that the consumer skipped included."""

import asyncio
import operator
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.database import Database, connect
from libs.eventstore.memory import MemoryLog
from libs.views.intake import RECORDS_KEPT, Intake, Reading
from libs.views.parking import Parking
from libs.views.progress import Progress
from libs.views.runner import ViewRunner
from tests.libs.marks import AT, Marked, Marks, all_of, mark, recount
from tests.libs.test_parking import Reactor, Rec, reacting, records_of
from tests.libs.test_view_runner import rows_in

pytestmark = pytest.mark.real


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


async def test_records_the_consumer_skipped_are_read_anew_in_their_place(
    database: Database,
) -> None:
    log = MemoryLog("left.events", 1)
    for serial in range(100):
        await mark(log, Marked, serial)
    facts = await all_of(log)
    records = records_of(facts)
    reactor = Reactor()
    intake, progress = await an_intake(database, records, reactor)
    await intake.take(records[:10])
    await intake.take(records[20:30])  # A batch that never came …
    await intake.take([*records[30:40], *records[45:50]])  # … and a hole in one.
    await intake.take(records[35:60])  # A repeat is no hole.
    await progress.refresh()
    again, _ = await an_intake(database, records, reactor)
    await again.take(records[70:])  # Skipped between two processes.
    assert await rows_in(database) == recount(facts)
    assert {n for n in reactor.done if n >= 0} == set(range(100))


async def test_a_view_in_the_rear_is_brought_up_alone(database: Database) -> None:
    log = MemoryLog("left.events", 1)
    for serial in range(50):
        await mark(log, Marked, serial)
    records = records_of(await all_of(log))
    reactor = Reactor()
    await database.view_state.insert_one({"_id": "marks_v1", "offsets": {"left_events/0": 0}})
    intake, _ = await an_intake(database, records, reactor)
    await intake.take(records[40:])
    assert await rows_in(database) == recount(await all_of(log))
    assert sorted(reactor.done) == list(range(40, 50)), "a new policy begins with the present"


async def test_intakes_that_save_and_read_progress_at_once_lose_none(database: Database) -> None:
    names = [f"view-{number}" for number in range(20)]
    progress = Progress(database, names)
    for name in names:
        progress.reached(name, "left_events/0", 7)

    async def reach_more() -> None:
        for name in names:
            progress.reached(name, "left_events/1", 9)
            await progress.refresh()

    # As when partitions came: each intake of the process does so before it goes on.
    await asyncio.gather(progress.refresh(), progress.refresh(), reach_more())
    assert {progress.expected(name, "left_events/0") for name in names} == {7}
    assert {progress.expected(name, "left_events/1") for name in names} == {9}
    saved = await database.view_state.find().to_list()
    assert {state["_id"] for state in saved} == set(names)
    assert all(state["offsets"] == {"left_events/0": 7, "left_events/1": 9} for state in saved)


async def test_what_several_intakes_are_handed_is_decoded_once() -> None:
    log = MemoryLog("left.events", 1)
    for serial in range(3):
        await mark(log, Marked, serial)
    facts = await all_of(log)
    records, types = records_of(facts), frozenset({Marked.TYPE})
    reading = Reading()
    first = reading.facts_in(records, types)
    assert ids_of(first) == ids_of(facts)
    assert all(map(operator.is_, first, reading.facts_in(records, types)))
    # A topic that was made anew has other records at the same offsets.
    assert ids_of(reading.facts_in(records_of(facts[1:]), types)) == ids_of(facts[1:])
    # And nothing is kept for ever.
    many = [replace(records[0]) for _ in range(RECORDS_KEPT)]
    assert len(reading.facts_in(many, types)) == RECORDS_KEPT
    assert not any(map(operator.is_, first, reading.facts_in(records, types)))


def ids_of(facts: Sequence[Any]) -> list[str]:
    return [fact.id for fact in facts]


async def an_intake(
    database: Database, records: Sequence[Rec], reactor: Reactor
) -> tuple[Intake, Progress]:
    parking = Parking(database, lambda: AT)
    await parking.prepare()
    runner = ViewRunner(Marks(), database, parking, lambda: AT)
    policy = await reacting(database, reactor)
    progress = Progress(database, [runner.name, policy.name])

    async def reread(topic: str, partition: int, start: int, end: int) -> Any:
        assert (topic, partition) == ("left.events", 0)
        for offset in range(start, end):
            yield [records[offset]]

    return Intake([runner, policy], parking, progress, reread), progress
