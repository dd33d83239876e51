"""The runner on a real database: races, repeats, zombies, and any legal order of the topics."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY

from libs.database import Database, connect
from libs.events.base import Recorded
from libs.views.fold import ENVELOPE
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from libs.views.view import Row
from tests.libs.marks import (
    AT,
    Marked,
    Marks,
    Noted,
    all_of,
    batches,
    interleaved,
    marked_log,
    recount,
)
from tests.support.proxy import LossyProxy

pytestmark = pytest.mark.real


def now():
    return AT


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


async def a_runner(database: Database, view: Any = None) -> ViewRunner:
    parking = Parking(database, now)
    await parking.prepare()
    return ViewRunner(view or Marks(), database, parking, now)


async def rows_in(database: Database, name: str = "marks_v1") -> dict[str, dict[str, Any]]:
    """The rows without what the runner keeps in them."""
    return {
        row["_id"]: {name: value for name, value in row.items() if name not in ENVELOPE}
        for row in await database[name].find().to_list()
    }


def collisions() -> float:
    return REGISTRY.get_sample_value("phonebank_view_collisions_total", {"view": "marks_v1"}) or 0.0


async def test_a_batch_becomes_rows(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(100)))
    runner = await a_runner(database)
    await runner.apply(facts)
    assert await rows_in(database) == recount(facts)
    row = await database.marks_v1.find_one({"_id": "thing/t1"})
    assert row is not None
    assert row["rev"] == 1
    assert row["seen"] == {f"left_events/{facts[1].partition}": facts[91].position}


async def test_two_workers_racing_for_the_same_rows_lose_no_fact(database: Database) -> None:
    left = await all_of(await marked_log(Marked, range(300), things=3))
    right = await all_of(await marked_log(Noted, range(300), things=3))
    before = collisions()

    async def work(facts: list[Recorded]) -> None:
        runner = await a_runner(database)
        for start in range(0, len(facts), 10):
            await runner.apply(facts[start : start + 10])

    await asyncio.gather(work(left), work(right))
    assert await rows_in(database) == recount([*left, *right])
    assert collisions() > before, "the two never met, so this proved nothing"


async def test_a_repeated_suffix_changes_nothing_not_even_the_revision(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(100)))
    runner = await a_runner(database)
    await runner.apply(facts)
    before = await database.marks_v1.find().sort("_id", 1).to_list()
    await runner.apply(facts[40:])
    await (await a_runner(database)).apply(facts)
    assert await database.marks_v1.find().sort("_id", 1).to_list() == before


@pytest.mark.parametrize("seed", range(8))
async def test_every_legal_order_and_every_cut_gives_the_same_rows(
    database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    left, right = await marked_log(Marked, range(150)), await marked_log(Noted, range(150))
    facts = await all_of(left, right)
    runners = [await a_runner(database) for _ in range(2)]
    for batch in batches(interleaved(facts, chance), chance):
        await chance.choice(runners).apply(batch)
    assert await rows_in(database) == recount(facts)


async def test_a_zombie_that_wakes_up_with_stale_rows_changes_nothing(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(60)))
    zombie, heir = await a_runner(database), await a_runner(database)
    read, asleep = zombie._read, True

    async def read_then_sleep(rows: list[str]) -> dict[str, Row]:
        nonlocal asleep
        stale = await read(rows)
        if asleep:
            asleep = False
            await heir.apply(facts)
        return stale

    zombie._read = read_then_sleep  # type: ignore[method-assign] # the pause of a zombie
    await zombie.apply(facts[:30])
    assert not asleep
    assert await rows_in(database) == recount(facts)
    assert (await database.marks_v1.find_one({"_id": "thing/t1"}) or {})["rev"] == 1


async def test_an_apply_cut_short_anywhere_and_done_again_gives_the_same_rows(
    database: Database,
) -> None:
    facts = await all_of(await marked_log(Marked, range(400), things=40))
    chance = random.Random(3)
    cut_short = 0
    for batch in batches(facts, chance):
        for steps in (1, 3, 9, 27):
            task = asyncio.create_task((await a_runner(database)).apply(batch))
            for _ in range(steps):
                await asyncio.sleep(0)
            cut_short += task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await (await a_runner(database)).apply(batch)
    assert cut_short > 10
    assert await rows_in(database) == recount(facts)


async def test_a_write_whose_answer_is_lost_is_neither_lost_nor_doubled(
    mongodb_url: str, database: Database
) -> None:
    address = urlsplit(mongodb_url)
    assert address.hostname is not None
    assert address.port is not None
    facts = await all_of(await marked_log(Marked, range(90)))
    lost: list[int] = []
    async with LossyProxy(address.hostname, address.port) as proxy:
        client = connect(
            f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true", retry_writes=False
        )
        runner = await a_runner(client[database.name])
        for start in range(0, 90, 30):
            # Rows are inserted by their first facts, and replaced by all others.
            proxy.lose_answers(b"update" if start else b"insert", times=2)
            await runner.apply(facts[start : start + 30])
            lost.append(proxy.lost)
        await client.close()
    assert 0 < lost[0] < lost[1] < lost[2]
    assert await rows_in(database) == recount(facts)


async def test_facts_of_more_rows_than_a_round_takes_are_one_write_of_each(
    database: Database,
) -> None:
    class Wide(Marks):
        name = "wide"

        def keys(self, fact: Recorded) -> list[str]:
            return [f"group/{number}" for number in range(4500)]

    facts = await all_of(await marked_log(Marked, range(3)))
    await (await a_runner(database, Wide())).apply(facts)
    assert await database.wide_v1.count_documents({"total": 3, "rev": 1}) == 4500


async def test_facts_the_view_does_not_listen_to_are_left_alone(database: Database) -> None:
    class OnlyLeft(Marks):
        listens = (Marked,)  # type: ignore[assignment] # fewer than its parent

    facts = await all_of(await marked_log(Marked, range(20)), await marked_log(Noted, range(20)))
    await (await a_runner(database, OnlyLeft())).apply(facts)
    assert await rows_in(database) == recount(facts[:20])


async def test_what_follows_from_a_row_is_made_new_once_a_batch(database: Database) -> None:
    class Doubled(Marks):
        derived = 0

        def derive(self, row: Row) -> Row:
            Doubled.derived += 1
            return row | {"double": 2 * row["total"]}

    facts = await all_of(await marked_log(Marked, range(40)))
    runner = await a_runner(database, Doubled())
    await runner.apply(facts)
    rows = recount(facts)
    assert Doubled.derived == len(rows)
    await runner.apply(facts)  # Nothing new.
    assert Doubled.derived == len(rows)
    right = {row_id: row | {"double": 2 * row["total"]} for row_id, row in rows.items()}
    assert await rows_in(database) == right


async def test_prepare_makes_the_indexes_and_may_be_repeated(database: Database) -> None:
    runner = await a_runner(database)
    await runner.prepare()
    await runner.prepare()
    indexes = await database.marks_v1.index_information()
    assert {"total_1", "latest_at_1"} < indexes.keys()
    assert indexes["latest_at_1"]["partialFilterExpression"] == {"total": {"$gt": 1}}


async def test_a_row_that_is_none_leaves_no_trace_until_a_fact_needs_it(database: Database) -> None:
    class FromTen(Marks):
        def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
            event: Any = fact.event
            return super().evolve(row, fact) if row or event.serial >= 10 else None

    facts = await all_of(await marked_log(Marked, range(20)))
    runner = await a_runner(database, FromTen())
    await runner.apply(facts[:10])
    assert await rows_in(database) == {}
    await runner.apply(facts[5:])
    assert await rows_in(database) == recount(facts[10:])
