"""Facts that cannot be applied: their row waits, all others go on, and a replay heals."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from libs.bus import encode
from libs.database import Database, connect
from libs.events.base import Recorded
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import StreamMoved
from libs.views import replay
from libs.views.intake import facts_in, feed
from libs.views.parking import Parked, Parking
from libs.views.reactions import PolicyRunner
from libs.views.replay import CannotReplay, replay_key, replay_reactions, replay_row
from libs.views.runner import ROUNDS_MAX, ViewRunner
from libs.views.view import Policy, Row
from tests.libs.marks import AT, Marked, Marks, Noted, all_of, mark, marked_log, recount
from tests.libs.test_view_runner import rows_in

pytestmark = pytest.mark.real

POISON = 21  # of t1


def now():
    return AT


@pytest.fixture
async def database(mongodb_url: str, database_prefix: str) -> AsyncIterator[Database]:
    client = connect(mongodb_url)
    yield client[database_prefix]
    await client.drop_database(database_prefix)
    await client.close()


async def parking_of(database: Database) -> Parking:
    parking = Parking(database, now)
    await parking.prepare()
    return parking


async def a_runner(database: Database, view: Any) -> ViewRunner:
    return ViewRunner(view, database, await parking_of(database), now)


@dataclass
class Rec:
    """A record as Kafka gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def records_of(facts: Sequence[Recorded], *, newer: frozenset[int] = frozenset()) -> list[Rec]:
    """The facts on Kafka; those with a serial in `newer` were written by a newer program."""
    offsets: dict[tuple[str, int], int] = defaultdict(int)
    records = []
    for fact in facts:
        event: Any = fact.event
        key, value, headers = encode(
            service="left",
            key=event.key,
            type=event.TYPE,
            version=2 if event.serial in newer else 1,
            payload=event.model_dump(mode="json"),
            id=fact.id,
            stream=fact.stream,
            stream_version=fact.version,
            at=fact.at,
            position=fact.position,
        )
        place = (fact.topic, fact.partition)
        records.append(Rec(*place, offsets[place], key, value, headers))
        offsets[place] += 1
    return records


class Redacted(MemoryLog):
    """A log some of whose facts this program cannot read: like the real one, it leaves them out."""

    unreadable: frozenset[int] = frozenset()

    async def in_order(self, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        async for fact in super().in_order(after, up_to):
            event: Any = fact.event
            if event.serial not in self.unreadable:
                yield fact


async def test_a_poison_fact_parks_its_row_and_nothing_else(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(50)))
    runner = await a_runner(database, Marks(fails_at=[POISON]))
    for start in range(0, 50, 7):
        await runner.apply(facts[start : start + 7])
    right = recount(facts)
    right["thing/t1"] = recount(facts[:POISON])["thing/t1"]
    assert await rows_in(database) == right
    parked = await (await parking_of(database)).listing("marks_v1")
    assert [(entry.row, entry.fact_id) for entry in parked] == [
        ("thing/t1", facts[serial].id) for serial in (21, 31, 41)
    ]
    assert [entry.reason for entry in parked] == ["ValueError"] + ["follows a parked fact"] * 2
    stored = await database.parked.find_one({"position": facts[POISON].position})
    assert stored is not None
    assert "payload" not in stored
    assert stored["kafka_key"] == "t1"


async def test_a_poison_fact_and_its_row_in_one_batch(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(50)))
    await (await a_runner(database, Marks(fails_at=[POISON, 1]))).apply(facts)
    right = recount(facts)
    del right["thing/t1"], right["group/g1"]  # Both begin with the fact of serial 1.
    assert await rows_in(database) == right
    assert await database.parked.count_documents({"row": "thing/t1"}) == 5
    assert await database.parked.count_documents({"row": "group/g1"}) == 25


async def test_parking_again_parks_nothing_twice(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(50)))
    await (await a_runner(database, Marks(fails_at=[POISON]))).apply(facts)
    before = await database.parked.find().sort("_id", 1).to_list()
    await (await a_runner(database, Marks(fails_at=[POISON]))).apply(facts)
    assert await database.parked.find().sort("_id", 1).to_list() == before


async def test_a_mended_view_replays_its_row_and_goes_on(database: Database) -> None:
    log = await marked_log(Marked, range(50))
    facts = await all_of(log)
    await (await a_runner(database, Marks(fails_at=[POISON]))).apply(facts)
    mended = await a_runner(database, Marks())
    for serial in range(50, 60):
        await mark(log, Marked, serial)
    parking = await parking_of(database)
    await mended.apply((await all_of(log))[50:55])
    assert len(await parking.of_row("marks_v1", "thing/t1")) == 4
    await replay_row(Marks(), "thing/t1", database, parking, [log])
    assert await parking.listing() == []
    # The worker learns of it by itself, from the collection, with the row's next fact.
    await mended.apply((await all_of(log))[50:])
    for serial in range(60, 70):
        await mark(log, Marked, serial)
    await mended.apply((await all_of(log))[55:])
    assert await rows_in(database) == recount(await all_of(log))
    assert await parking.listing() == []


async def test_a_view_still_broken_cannot_be_replayed_and_keeps_everything(
    database: Database,
) -> None:
    log = await marked_log(Marked, range(50))
    broken = Marks(fails_at=[POISON])
    await (await a_runner(database, broken)).apply(await all_of(log))
    rows, parking = await rows_in(database), await parking_of(database)
    with pytest.raises(CannotReplay, match="thing/t1"):
        await replay_row(broken, "thing/t1", database, parking, [log])
    assert await rows_in(database) == rows
    assert len(await parking.listing()) == 3


async def test_a_replay_beside_a_busy_worker_loses_nothing(database: Database) -> None:
    left, right = await marked_log(Marked, range(200)), await marked_log(Noted, range(200))
    await (await a_runner(database, Marks(fails_at=[POISON]))).apply((await all_of(left))[:100])
    worker, facts = await a_runner(database, Marks()), await all_of(left, right)

    async def work() -> None:
        for start in range(0, 400, 5):
            await worker.apply(facts[start : start + 5])

    parking = await parking_of(database)
    working = asyncio.create_task(work())
    await replay_row(Marks(), "thing/t1", database, parking, [left, right])
    await working
    # A worker may have parked one more fact while its row was being freed: seen, never lost.
    await replay_row(Marks(), "thing/t1", database, parking, [left, right])
    assert await rows_in(database) == recount(facts)
    assert await parking.listing() == []


async def test_a_row_that_moves_at_the_last_moment_is_not_put_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await marked_log(Marked, range(50))
    worker = await a_runner(database, Marks())
    await worker.apply(await all_of(log))
    replace_row, moved = replay._replaced, False

    async def moved_meanwhile(*given: Any) -> bool:
        nonlocal moved
        if not moved:
            moved = True
            await mark(log, Marked, 51)
            await worker.apply((await all_of(log))[50:])
        return await replace_row(*given)

    monkeypatch.setattr(replay, "_replaced", moved_meanwhile)
    await replay_row(Marks(), "thing/t1", database, await parking_of(database), [log])
    assert moved
    assert await rows_in(database) == recount(await all_of(log))


async def test_a_row_with_an_unreadable_fact_behind_is_not_replayed(database: Database) -> None:
    log = Redacted("left.events", 3)
    for serial in range(50):
        await mark(log, Marked, serial)
    await (await a_runner(database, Marks(fails_at=[POISON]))).apply(await all_of(log))
    log.unreadable = frozenset({31})
    parking = await parking_of(database)
    with pytest.raises(CannotReplay, match="cannot be read"):
        await replay_row(Marks(), "thing/t1", database, parking, [log])
    assert len(await parking.listing()) == 3


@pytest.mark.parametrize("broken", ["value", "vanishes", "too big"])
async def test_a_row_that_cannot_be_stored_is_parked_too(database: Database, broken: str) -> None:
    class Unstorable(Marks):
        def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
            row = super().evolve(row, fact)
            event: Any = fact.event
            if row and event.serial == POISON and row["_id"] == "thing/t1":
                if broken == "vanishes":
                    return None
                row["x"] = {1, 2} if broken == "value" else "x" * (17 * 1024 * 1024)
            return row

    facts = await all_of(await marked_log(Marked, range(30)))
    runner = await a_runner(database, Unstorable())
    await runner.apply(facts[:15])
    await runner.apply(facts[15:])
    right = recount(facts)
    right["thing/t1"] = recount(facts[:15])["thing/t1"]
    assert await rows_in(database) == right
    assert [entry.row for entry in await (await parking_of(database)).listing()] == ["thing/t1"]


async def test_what_cannot_be_derived_after_a_fact_parks_it_and_what_follows(
    database: Database,
) -> None:
    """A batch derives once, so the fact that is to blame is looked for among hundreds."""

    class Underivable(Marks):
        def derive(self, row: Row) -> Row:
            told = [serial for part in row["parts"].values() for serial in part]
            if row.get("_id") == "thing/t1" and POISON in told:
                raise ValueError(POISON)
            return row

    facts = await all_of(await marked_log(Marked, range(3_000)))
    await (await a_runner(database, Underivable())).apply(facts)
    right = recount(facts)
    before = [fact for fact in facts if cast("Marked", fact.event).serial < POISON]
    right["thing/t1"] = recount(before)["thing/t1"]
    assert await rows_in(database) == right
    parked = await (await parking_of(database)).listing()
    after = [fact.position for fact in facts if fact.event.key == "t1"][len(before) // 10 :]
    assert sorted(entry.position for entry in parked) == after
    assert len(after) > ROUNDS_MAX


async def test_a_fact_from_the_future_parks_its_key_and_a_newer_program_heals(
    database: Database,
) -> None:
    log = Redacted("left.events", 3)
    for serial in range(50):
        await mark(log, Marked, serial)
    facts = await all_of(log)
    log.unreadable = frozenset({POISON})
    old = await a_runner(database, Marks())
    types = old.types
    for start in range(0, 50, 20):
        cut = records_of(facts, newer=frozenset({POISON}))[start : start + 20]
        await feed(old, facts_in(cut, types))
    parking = await parking_of(database)
    parked = await parking.of_key("marks_v1", "t1")
    assert {(entry.row, entry.position) for entry in parked if entry.row is None} == {
        (None, facts[POISON].position)
    }
    assert {entry.position for entry in parked if entry.row == "thing/t1"} == {
        facts[31].position,
        facts[41].position,
    }
    rows = await rows_in(database)
    assert rows["thing/t1"] == recount(facts[:POISON])["thing/t1"]
    assert rows["thing/t2"] == recount(facts)["thing/t2"]
    assert rows["group/g1"]["total"] < recount(facts)["group/g1"]["total"]

    with pytest.raises(CannotReplay, match="cannot be read"):
        await replay_key(Marks(), "t1", database, parking, [log])
    log.unreadable = frozenset()
    await replay_key(Marks(), "t1", database, parking, [log])
    assert await parking.listing() == []
    assert await rows_in(database) == recount(facts)


async def test_foreign_and_unlistened_records_are_skipped_undecoded(database: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(3)))
    records = records_of(facts)
    records[0].headers = [("ce_type", b"elsewhere.happened")]
    records[1].value = b"not json"
    records[1].headers = [("ce_type", b"right.noted"), *records[1].headers[4:]]
    assert facts_in(records, frozenset({"left.marked"})) == [replace(facts[2], correlation_id="")]


async def test_a_fact_whose_rows_cannot_be_told_parks_its_key(database: Database) -> None:
    class Keyless(Marks):
        def keys(self, fact: Recorded) -> list[str]:
            event: Any = fact.event
            if event.serial == POISON:
                raise KeyError(event.serial)
            return list(super().keys(fact))

    facts = await all_of(await marked_log(Marked, range(50)))
    await (await a_runner(database, Keyless())).apply(facts)
    assert (await rows_in(database))["thing/t1"] == recount(facts[:POISON])["thing/t1"]
    assert (await rows_in(database))["thing/t2"] == recount(facts)["thing/t2"]


class Reactor:
    """A policy that writes down what it did, and fails where it is told to."""

    def __init__(self, *, fails_at: Sequence[int] = (), passing: int = 0) -> None:
        self.done: list[int] = []
        self.at_once = 0
        self.at_once_max = 0
        self.fails_at = set(fails_at)
        self._passing = passing

    async def react(self, fact: Recorded) -> None:
        event: Any = fact.event
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self._passing:
            self._passing -= 1
            raise StreamMoved if self._passing % 2 else ConnectionError
        if event.serial in self.fails_at:
            raise LookupError(event.serial)
        self.done.append(event.serial)


async def reacting(database: Database, reactor: Reactor) -> PolicyRunner:
    policy = Policy("reactor", (Marked,), reactor.react)
    return PolicyRunner(
        policy,
        await parking_of(database),
        now,
        passes=lambda error: isinstance(error, (StreamMoved, ConnectionError)),
    )


async def test_a_policy_keeps_each_key_in_order_and_keys_side_by_side(database: Database) -> None:
    reactor = Reactor()
    await (await reacting(database, reactor)).apply(
        await all_of(await marked_log(Marked, range(100)))
    )
    for thing in range(10):
        assert [n for n in reactor.done if n % 10 == thing] == list(range(thing, 100, 10))
    assert reactor.at_once_max == 10


async def test_what_passes_by_itself_is_tried_until_it_is_done(database: Database) -> None:
    reactor = Reactor(passing=4)
    await (await reacting(database, reactor)).apply(
        await all_of(await marked_log(Marked, range(5)))
    )
    assert sorted(reactor.done) == list(range(5))
    assert await (await parking_of(database)).listing() == []


async def test_a_failing_reaction_parks_its_key_and_is_replayed_in_order(
    database: Database,
) -> None:
    log = await marked_log(Marked, range(50))
    reactor = Reactor(fails_at=[POISON])
    runner = await reacting(database, reactor)
    await runner.apply((await all_of(log))[:30])
    await runner.apply((await all_of(log))[30:])
    assert sorted(reactor.done) == [n for n in range(50) if n not in {21, 31, 41}]
    parking = await parking_of(database)
    parked: list[Parked] = await parking.listing("policy/reactor")
    assert [entry.reason for entry in parked] == ["LookupError"] + ["follows a parked fact"] * 2

    with pytest.raises(CannotReplay, match="LookupError"):
        await replay_reactions(runner, "t1", parking, [log])
    reactor.fails_at.clear()
    await replay_reactions(runner, "t1", parking, [log])
    assert reactor.done[-3:] == [21, 31, 41]
    assert await parking.listing() == []
