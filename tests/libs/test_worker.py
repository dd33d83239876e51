"""Real worker processes on a real broker: killed, restarted, rebuilt, stopped; every row right."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from libs.chassis.worker import group_of
from libs.database import Client, Database, connect
from libs.events.base import Recorded
from libs.eventstore.memory import MemoryLog
from libs.views.topics import Topics
from libs.views.verify import verify
from tests.libs.marks import Marked, Marks, Noted, all_of, mark, recount
from tests.libs.marks_worker import SERVICE, MarksSettings
from tests.libs.test_verify import record_of
from tests.libs.test_view_runner import rows_in
from tests.support.backing import eventually, free_port
from tests.support.topic import make_topic

pytestmark = pytest.mark.real

THINGS = 100
ROOT = Path(__file__).parents[2]


@dataclass
class House:
    """Two publishers' logs and topics, and the worker's own database."""

    client: Client
    database: Database
    environment: dict[str, str]
    producer: AIOKafkaProducer
    logs: dict[type, MemoryLog]
    log_folder: Path
    running: list["Process"] = field(default_factory=list)

    async def publish(self, serials: Sequence[int], chance: random.Random | None = None) -> None:
        """Append to both logs and copy to both topics, now and then a suffix twice."""
        for event, log in self.logs.items():
            facts = []
            for serial in serials:
                await mark(log, event, serial, things=THINGS)
                facts = [fact async for fact in log.in_order(_last(log) - 1)]
                await self._send(facts)
                if chance and chance.random() < 0.02:
                    whole = [fact async for fact in log.in_order()]
                    await self._send(whole[-chance.randrange(1, 40) :])
            await self.producer.flush()

    async def _send(self, facts: Sequence[Recorded]) -> None:
        for fact in facts:
            await self.producer.send(fact.topic, **record_of(fact))

    async def start(self, slot: int | None = 0, **environment: str) -> "Process":
        """A worker with static membership, or without when `slot` is None."""
        static = {} if slot is None else {"SLOT_ID": str(slot)}
        out = self.log_folder / f"worker-{len(self.running)}.log"
        with out.open("wb") as written:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.libs.marks_worker"),
                cwd=ROOT,
                env={**os.environ, **self.environment, **static, **environment},
                stdout=written,
                stderr=asyncio.subprocess.STDOUT,
            )
        self.running.append(Process(process, out))
        return self.running[-1]

    async def facts(self) -> list[Recorded]:
        return await all_of(*self.logs.values())

    async def all_folded(self, name: str = "marks_v1") -> bool:
        return await rows_in(self.database, name) == recount(await self.facts())

    async def all_committed(self) -> bool:
        """Whether anybody can see from outside that the group has come to the end."""
        settings = MarksSettings.model_validate({k.lower(): v for k, v in self.environment.items()})
        bootstrap = self.environment["KAFKA_BOOTSTRAP"]
        ends = await Topics(bootstrap).ends(log._topic for log in self.logs.values())
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            group = group_of(SERVICE, settings)
            committed = await admin.list_consumer_group_offsets(group)
        finally:
            await admin.close()
        reached = {(place.topic, place.partition): at.offset for place, at in committed.items()}
        return all(reached.get(place, 0) == end for place, end in ends.items())

    async def shared(self) -> bool:
        """Whether the group has two members and both were given partitions."""
        settings = MarksSettings.model_validate({k.lower(): v for k, v in self.environment.items()})
        admin = AIOKafkaAdminClient(bootstrap_servers=self.environment["KAFKA_BOOTSTRAP"])
        await admin.start()
        try:
            described = await admin.describe_consumer_groups([group_of(SERVICE, settings)])
        finally:
            await admin.close()
        _, _, state, _, _, members = described[0].groups[0][:6]
        return state == "Stable" and [bool(member[4]) for member in members] == [True, True]

    async def counted(self) -> int:
        return await self.database.commits.count_documents({})


@dataclass
class Process:
    """One worker process."""

    process: asyncio.subprocess.Process
    out: Path

    def kill(self) -> None:
        self.process.kill()

    async def ended(self, seconds: float = 10.0) -> int:
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def said(self, words: str) -> bool:
        return words in self.out.read_text()


def _last(log: MemoryLog) -> int:
    return len(log.commits) << 22


@pytest.fixture
async def house(
    mongodb_url: str,
    kafka_bootstrap: str,
    database_prefix: str,
    topic_prefix: str,
    tmp_path: Path,
) -> AsyncIterator[House]:
    client = connect(mongodb_url)
    logs: dict[type, MemoryLog] = {
        event: MemoryLog(f"{topic_prefix}{publisher}.events", 3)
        for event, publisher in ((Marked, "left"), (Noted, "right"))
    }
    for log in logs.values():
        await make_topic(kafka_bootstrap, log._topic)
    environment = {
        "PHONEBANK_ENV": "test",
        "MONGODB_URL": mongodb_url,
        "KAFKA_BOOTSTRAP": kafka_bootstrap,
        "DATABASE_PREFIX": database_prefix,
        "TOPIC_PREFIX": topic_prefix,
        "PARTITIONS": "3",
        "TOKEN_KEY": "t" * 32,
        "SERVICE_KEY": "s" * 32,
    }
    database = client[f"{database_prefix}_{SERVICE}"]
    async with AIOKafkaProducer(
        bootstrap_servers=kafka_bootstrap, enable_idempotence=True, linger_ms=2
    ) as producer:
        house = House(client, database, environment, producer, logs, tmp_path)
        yield house
        for each in house.running:
            with contextlib.suppress(ProcessLookupError):
                each.process.kill()
            await each.process.wait()
    await client.drop_database(database)
    await client.close()


async def test_workers_killed_in_the_middle_leave_every_row_right(house: House) -> None:
    chance = random.Random(11)
    workers = [await house.start(slot) for slot in (0, 1)]
    kills = 0
    for start in range(0, 1500, 100):
        await house.publish(range(start, start + 100), chance)
        if start % 300 == 200:
            slot = kills % 2

            async def has_begun(enough: int = start // 4) -> bool:
                return await house.counted() > enough

            await eventually(has_begun, deadline_seconds=90, saying="the workers are at work")
            workers[slot].kill()
            await workers[slot].ended()
            workers[slot] = await house.start(slot)
            kills += 1
    assert kills == 5
    await eventually(house.all_folded, deadline_seconds=90, saying="every row is right")

    async def all_counted() -> bool:
        return await house.counted() == 1500

    await eventually(all_counted, deadline_seconds=30, saying="each fact was reacted to once")
    report = await verify(Marks(), house.database, list(house.logs.values()))
    assert report.differences == []
    assert report.rows == THINGS + 2
    assert await house.database.parked.count_documents({}) == 0


async def test_workers_that_join_and_leave_in_the_middle_of_work_hold_nothing_up(
    house: House,
) -> None:
    await house.publish(range(300))
    first = await house.start(slot=None)

    async def has_begun() -> bool:
        return await house.counted() > 0

    await eventually(has_begun, deadline_seconds=60, saying="the first worker works")
    second = await house.start(slot=None)
    for start in range(300, 1500, 50):
        await house.publish(range(start, start + 50))
        if start == 900:
            await eventually(house.shared, deadline_seconds=60, saying="both workers read")
            first.process.send_signal(signal.SIGTERM)
            assert await first.ended() == 0
    await eventually(house.all_folded, deadline_seconds=60, saying="every row is right")
    await eventually(house.all_committed, deadline_seconds=60, saying="all is committed")
    assert await house.counted() == 1500
    assert second.process.returncode is None


async def test_a_new_version_is_built_from_the_beginning_without_running_policies(
    house: House,
) -> None:
    await house.publish(range(300))
    first = await house.start()
    await eventually(house.all_folded, deadline_seconds=60, saying="version 1 is complete")

    async def counted() -> bool:
        return await house.counted() == 300

    await eventually(counted, deadline_seconds=30, saying="each fact was reacted to")
    await eventually(house.all_committed, deadline_seconds=30, saying="all is committed")
    first.process.send_signal(signal.SIGTERM)
    assert await first.ended() == 0

    await house.database.commits.drop()  # So that a policy that ran again would be seen.
    await house.publish(range(300, 400))
    second = await house.start(MARKS_VERSION="2")

    async def built() -> bool:
        return await house.all_folded("marks_v2")

    await eventually(built, deadline_seconds=60, saying="version 2 is complete")

    async def counted_new() -> bool:
        return await house.counted() == 100

    await eventually(counted_new, deadline_seconds=30, saying="only new facts were reacted to")
    second.process.send_signal(signal.SIGTERM)
    assert await second.ended() == 0
    assert await house.counted() == 100
    assert not await house.all_folded("marks_v1")


async def test_a_view_dropped_under_a_worker_ends_it_and_is_rebuilt(house: House) -> None:
    await house.publish(range(200))
    worker = await house.start()
    await eventually(house.all_folded, deadline_seconds=60, saying="the view is complete")
    await eventually(house.all_committed, deadline_seconds=60, saying="all is committed")
    await house.database.marks_v1.drop()
    await house.publish(range(200, 220))
    assert await worker.ended(20) == 70
    await house.start()
    await eventually(house.all_folded, deadline_seconds=60, saying="the view is rebuilt")


async def test_what_a_worker_cannot_get_over_ends_it_before_anything_is_acknowledged(
    house: House,
) -> None:
    await house.publish(range(50))
    first = await house.start()
    await eventually(house.all_committed, deadline_seconds=60, saying="all is committed")
    await house.database.marks_v1.update_one({"_id": "thing/t1"}, {"$unset": {"rev": 1}})
    await house.publish(range(100, 150))
    assert await first.ended(30) == 70
    assert await first.said("KeyError")
    assert not await house.all_committed()
    await house.database.marks_v1.update_one({"_id": "thing/t1"}, {"$set": {"rev": 1}})
    await house.start()
    await eventually(house.all_folded, deadline_seconds=60, saying="every row is right")


async def test_a_worker_waits_for_a_broker_that_is_not_there_yet(house: House) -> None:
    port = free_port()
    await house.publish(range(50))
    broker_host, broker_port = house.environment["KAFKA_BOOTSTRAP"].split(":")
    early = await house.start(KAFKA_BOOTSTRAP=f"127.0.0.1:{port}")

    async def waits() -> bool:
        return await early.said('"asking": "Kafka"')

    await eventually(waits, deadline_seconds=30, saying="the worker says what it waits for")
    assert early.process.returncode is None

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(broker_host, int(broker_port))
        await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))

    async with await asyncio.start_server(forward, "127.0.0.1", port):
        await eventually(house.all_folded, deadline_seconds=60, saying="the worker goes on")


async def test_a_worker_stops_at_once_while_it_waits_and_while_it_works(house: House) -> None:
    waiting = await house.start(KAFKA_BOOTSTRAP=f"127.0.0.1:{free_port()}")

    async def waits() -> bool:
        return await waiting.said('"asking": "Kafka"')

    await eventually(waits, deadline_seconds=30, saying="the worker waits")
    waiting.process.send_signal(signal.SIGTERM)
    assert await waiting.ended(10) == 0

    await house.publish(range(400))
    port = free_port()
    working = await house.start(WORKER_METRICS_PORT=str(port))

    async def has_begun() -> bool:
        return await house.counted() > 0

    await eventually(has_begun, deadline_seconds=60, saying="the worker works")
    async with httpx.AsyncClient() as http:
        metrics = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    assert 'phonebank_view_facts_total{view="marks_v1"}' in metrics
    assert 'phonebank_policy_reactions_total{policy="count-marks"}' in metrics
    working.process.send_signal(signal.SIGTERM)
    assert await working.ended(10) == 0


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while received := await reader.read(65536):
            writer.write(received)
            await writer.drain()
    writer.close()
