"""The relay on a real log and a real broker: its order, its fence, and what a restart repeats."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from libs.database import Database, WriteConcern, connect
from libs.eventstore.documents import to_document
from libs.eventstore.mongo import MongoLog
from libs.eventstore.order import Fenced, Order
from libs.eventstore.position import partition_of
from libs.eventstore.relay import Relay, Route, kafka_producer
from libs.eventstore.store import Commit, Meta
from tests.libs.counting import Counted
from tests.support.backing import eventually
from tests.support.topic import PARTITIONS, make_topic, position, read_topic

pytestmark = pytest.mark.real

AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)


@dataclass
class House:
    """One log, its topic and relays over them."""

    database: Database
    log: MongoLog
    bootstrap: str
    topic: str

    def relay(self) -> Relay:
        return Relay(
            self.database.client,
            [Route("example", self.database.name, self.topic, PARTITIONS)],
            lambda: kafka_producer(self.bootstrap),
        )

    @contextlib.asynccontextmanager
    async def relaying(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.relay().run())
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def append(self, *ids: str, version: int = 1, at: datetime = AT) -> None:
        await asyncio.gather(
            *(
                self.log.append(
                    Commit(
                        f"{id}-{version}",
                        id,
                        version,
                        tuple(Counted(counter_id=id, by=n) for n in (1, 2)),
                        Meta(at, "caller-1"),
                    )
                )
                for id in ids
            )
        )

    async def published(self) -> list[tuple[int, str]]:
        records = await read_topic(self.bootstrap, self.topic)
        return [(position(record), dict(record.headers)["ce_id"].decode()) for record in records]

    async def wait_for(self, facts: int) -> list[tuple[int, str]]:
        async def all_there() -> list[tuple[int, str]]:
            found = await self.published()
            assert len(set(found)) >= facts, found
            return found

        return await eventually(all_there, deadline_seconds=60, saying=f"{facts} facts published")

    async def all_remembered(self) -> None:
        """Kafka's answers are written down: not before, a relay that is stopped does so late."""
        order = Order(self.database)

        async def remembered() -> bool:
            await order.load()
            return await order.published() == order.last

        await eventually(remembered, saying="Kafka's answer is remembered")


@pytest.fixture
async def house(
    mongodb_url: str, kafka_bootstrap: str, database_prefix: str, topic_prefix: str
) -> AsyncIterator[House]:
    client = connect(mongodb_url)
    database = client[f"{database_prefix}_relay"]
    topic = f"{topic_prefix}example.events"
    await make_topic(kafka_bootstrap, topic)
    log = MongoLog(database, topic, PARTITIONS)
    await log.prepare()
    yield House(database, log, kafka_bootstrap, topic)
    await log.close()
    await client.drop_database(database.name)
    await client.close()


async def dense(database: Database) -> list[str]:
    """The commits in order; fails when a number is missing or a commit stands twice."""
    entries = await database["order"].find().sort("_id", 1).to_list()
    assert [entry["_id"] for entry in entries] == list(range(1, len(entries) + 1))
    commits = [commit for entry in entries for commit in entry["commits"]]
    assert len(commits) == len(set(commits))
    return commits


async def test_facts_arrive_in_order_on_their_keys_partition(house: House) -> None:
    async with house.relaying():
        for version in range(1, 6):
            await house.append("a", "b", "c", "d", version=version)
        await house.wait_for(40)
    by_key: dict[bytes, list[str]] = defaultdict(list)
    for record in await read_topic(house.bootstrap, house.topic):
        assert record.partition == partition_of(record.key.decode(), PARTITIONS)
        by_key[record.key].append(dict(record.headers)["ce_id"].decode())
    assert by_key[b"a"] == [f"a-{v}:{place}" for v in range(1, 6) for place in (0, 1)]


async def test_positions_read_from_the_log_are_those_on_the_bus(house: House) -> None:
    async with house.relaying():
        await house.append("a", "b", "c")
        on_the_bus = await house.wait_for(6)
    in_the_log = [(fact.position, fact.id) async for fact in house.log.in_order()]
    assert sorted(on_the_bus) == in_the_log


async def test_what_was_written_while_no_relay_ran_is_published(house: House) -> None:
    """The very first start: no order and no token, the log itself is asked."""
    await house.append("a", "b")
    async with house.relaying():
        await house.wait_for(4)
        await house.append("c")
        await house.wait_for(6)
    assert len(await dense(house.database)) == 3


async def test_the_first_start_misses_nothing_that_is_written_meanwhile(house: House) -> None:
    """A stream begins behind the last write; a scan at majority may not see that write yet.

    Written without waiting for the majority, as another process's commits are at that moment.
    """
    hurried = house.database.get_collection("commits", write_concern=WriteConcern(w=1, j=False))
    first_written = asyncio.Event()

    async def write() -> None:
        for version in range(1, 401):
            fact = Counted(counter_id="a", by=1)
            commit = Commit(f"a-{version}", "a", version, (fact,), Meta(AT, "caller-1"))
            await hurried.insert_one(to_document(commit))
            first_written.set()

    writing = asyncio.create_task(write())
    await first_written.wait()
    async with house.relaying():
        await writing
        await house.wait_for(400)
    assert await dense(house.database) == [f"a-{version}" for version in range(1, 401)]


async def test_a_restart_repeats_a_suffix_with_the_same_positions(house: House) -> None:
    async with house.relaying():
        await house.append("a", "b")
        before = set(await house.wait_for(4))
        await house.all_remembered()
    # Kafka's answer was not remembered: as after a kill -9 between the answer and the mark.
    await house.database["relay"].delete_many({})
    async with house.relaying():
        await house.append("c")
        after = await house.wait_for(6)
    assert before < set(after)
    assert len(after) > len(set(after)), "the suffix was repeated"
    assert len({place for place, _ in set(after)}) == 6


async def test_a_token_that_fell_off_the_oplog_loses_nothing(house: House) -> None:
    async with house.relaying():
        await house.append("a")
        await house.wait_for(2)
    # Written while the relay was down; then the token's place left the oplog. The second commit
    # of the stream carries an earlier time: a clock went back, and order must not.
    await house.append("b")
    await house.append("b", version=2, at=AT - timedelta(hours=1))
    entry = await house.database["order"].find_one(sort=[("_id", -1)])
    assert entry is not None
    lost = {"_data": "82" + "00000001" + entry["token"]["_data"][10:]}
    await house.database["order"].update_one({"_id": entry["_id"]}, {"$set": {"token": lost}})
    await house.database["relay"].delete_one({"_id": "passed"})
    async with house.relaying():
        await house.wait_for(6)
        await house.append("c")
        await house.wait_for(8)
    commits = await dense(house.database)
    assert sorted(commits) == ["a-1", "b-1", "b-2", "c-1"]
    assert commits.index("b-1") < commits.index("b-2")


async def test_a_clock_that_runs_ahead_does_not_stop_the_bus(house: House) -> None:
    """Kafka refuses records from the future; the fact's own time is in its envelope anyway."""
    async with house.relaying():
        await house.append("a", at=datetime.now(UTC) + timedelta(days=3))
        await house.append("b")
        await house.wait_for(4)


async def test_two_relays_give_one_order(house: House) -> None:
    async with house.relaying(), house.relaying():
        for version in range(1, 11):
            await house.append("a", "b", "c", version=version)
        published = await house.wait_for(60)
    assert len(await dense(house.database)) == 30
    places: dict[str, set[int]] = defaultdict(set)
    for place, id in published:
        places[id].add(place)
    assert all(len(found) == 1 for found in places.values()), "a fact has one position for ever"


class Refusing(AIOKafkaProducer):  # type: ignore[misc]  # it ships no types.
    """A producer whose next sends fail after they were taken, as when a broker dies."""

    failures_left = 0

    async def send_batch(self, *args: Any, **kwargs: Any) -> Any:
        if Refusing.failures_left:
            Refusing.failures_left -= 1
            answer = asyncio.get_running_loop().create_future()
            answer.set_exception(KafkaConnectionError())
            return answer
        return await super().send_batch(*args, **kwargs)


async def test_what_kafka_did_not_acknowledge_is_sent_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number counts as published after Kafka's answer, not before."""
    monkeypatch.setattr("libs.eventstore.relay.AIOKafkaProducer", Refusing)
    Refusing.failures_left = 1
    async with house.relaying():
        await house.append("a")
        await house.wait_for(2)
        # Now it follows the stream, where a failure takes another way back.
        Refusing.failures_left = 2
        await house.append("b")
        await house.wait_for(4)
    assert not Refusing.failures_left


async def test_the_second_to_give_a_number_is_fenced(house: House) -> None:
    first, second = Order(house.database), Order(house.database)
    await first.load()
    await second.load()
    await house.append("a")
    commits = await house.database["commits"].find().to_list()
    await first.give(commits, None)
    with pytest.raises(Fenced):
        await second.give(commits, None)


async def test_a_rebuilt_topic_has_the_same_positions(
    house: House, topic_prefix: str, kafka_bootstrap: str
) -> None:
    async with house.relaying():
        await house.append("a", "b", "c")
        before = set(await house.wait_for(6))
        await house.all_remembered()
    house.topic = f"{topic_prefix}rebuilt.events"
    await make_topic(kafka_bootstrap, house.topic)
    await Order(house.database).rewind()
    async with house.relaying():
        assert set(await house.wait_for(6)) == before


async def test_a_mark_that_was_forgotten_is_found_by_no_relay_started_at_once(house: House) -> None:
    """Relays read at majority, which a hurried write reaches only a moment after its answer."""
    order = Order(house.database)
    for number in range(1, 51):
        await order.mark_published(number)
        await order.settle()
        assert await order.published() == number
        await order.rewind()
        assert await Order(house.database).published() == 0
