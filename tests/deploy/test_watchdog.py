"""A worker that no longer reads is killed; one that is slow, idle or rebalancing is not."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from deploy.embedded import topics
from deploy.embedded.child import Child
from deploy.embedded.supervisor import Supervisor
from deploy.embedded.watchdog import (
    Patience,
    Positions,
    Sight,
    Watchdog,
    Watched,
    follow,
    positions,
    stuck,
)
from tests.support.backing import eventually

PATIENCE = Patience(steady_seconds=15, unsteady_seconds=120, idle_seconds=30)
FIRST = Sight(at_seconds=0, run=1, steady=True, committed=10, end=12)


def killed(*sights: Sight) -> bool:
    """Whether the last sight, after all before it, is a reason to kill."""
    mark = None
    for sight in sights:
        mark = follow(mark, sight)
    assert mark is not None
    return stuck(mark, sights[-1], PATIENCE)


def test_standing_still_while_the_lag_grows_is_stuck_after_fifteen_seconds() -> None:
    assert not killed(FIRST, replace(FIRST, at_seconds=14, end=90))
    assert killed(FIRST, replace(FIRST, at_seconds=15, end=90))


def test_a_worker_that_commits_is_never_stuck_however_far_behind() -> None:
    moved = replace(FIRST, at_seconds=10, committed=11, end=5_000)
    assert not killed(FIRST, moved, replace(moved, at_seconds=24, end=9_000))


def test_a_lag_that_does_not_grow_is_no_reason() -> None:
    assert not killed(FIRST, replace(FIRST, at_seconds=600))


def test_a_worker_without_lag_may_stand_still_for_ever_but_not_once_facts_arrive() -> None:
    idle = replace(FIRST, committed=12)
    still_idle = replace(idle, at_seconds=600)
    assert not killed(idle, still_idle)
    assert not killed(idle, still_idle, replace(still_idle, at_seconds=610, end=13))
    assert killed(idle, still_idle, replace(still_idle, at_seconds=616, end=13))


def test_a_new_process_begins_with_patience_of_its_own() -> None:
    anew = replace(FIRST, at_seconds=14, run=2, end=90)
    assert not killed(FIRST, anew, replace(anew, at_seconds=28, end=99))


def test_a_rebalancing_group_is_given_longer() -> None:
    joining = replace(FIRST, steady=False)
    assert not killed(joining, replace(joining, at_seconds=60, end=90, cpu_seconds=6))
    joined = replace(joining, at_seconds=61, steady=True, end=90, cpu_seconds=6)
    assert not killed(joining, joined, replace(joined, at_seconds=70, end=99))
    assert killed(joining, replace(joining, at_seconds=120, end=90, cpu_seconds=60))


def test_a_worker_that_neither_joins_nor_works_is_given_up_sooner() -> None:
    """A rebuild before joining is work; waiting for a group that nobody asks is none."""
    lost = replace(FIRST, steady=False, committed=0)
    assert not killed(lost, replace(lost, at_seconds=29, end=90, cpu_seconds=0.3))
    assert killed(lost, replace(lost, at_seconds=30, end=90, cpu_seconds=0.3))
    assert not killed(lost, replace(lost, at_seconds=30, end=90, cpu_seconds=3.0))


_READS = """
import asyncio, os, sys
from pathlib import Path
from aiokafka import AIOKafkaConsumer

async def main():
    bootstrap, topic, group, once = sys.argv[1:]
    stalls = not Path(once).exists()
    Path(once).touch()
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=group,
        auto_offset_reset="earliest", session_timeout_ms=6000, auto_commit_interval_ms=100,
        enable_auto_commit=not stalls)   # So what it reads can only be known by its assignment.
    async with consumer:
        await consumer.getone()
        print("read", flush=True)
        while stalls:
            await asyncio.sleep(60)   # Alive, heartbeats and all, and reads no more.
        async for _ in consumer:
            pass

asyncio.run(main())
"""


async def test_a_group_that_has_never_read_has_everything_to_read(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    name = f"{topic_prefix}queue.events"
    await topics.create(kafka_bootstrap, [topics.Topic(name, 2, {})])
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    reader = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    async with producer, reader:
        await producer.send_and_wait(name, b"fact", partition=1)
        await admin.start()

        async def seen() -> Positions:
            try:
                return await positions(admin, reader, Watched("w", f"{topic_prefix}queue", (name,)))
            except GroupCoordinatorNotAvailableError as error:
                # A new broker makes the topic of offsets when it is first asked.
                raise AssertionError("no coordinator yet") from error

        try:
            found = await eventually(seen, saying="a coordinator answers for the group")
        finally:
            await admin.close()
    assert not found.steady
    assert {each.partition: place for each, place in found.partitions.items()} == {
        0: (0, 0),
        1: (0, 1),
    }


@pytest.mark.chaos
async def test_a_worker_that_lives_but_reads_no_more_is_replaced_by_one_that_does(
    kafka_bootstrap: str, topic_prefix: str, tmp_path: Path
) -> None:
    name = f"{topic_prefix}queue.events"
    await topics.create(kafka_bootstrap, [topics.Topic(name, 1, {})])
    group = f"{topic_prefix}queue"
    worker = Child(
        name="worker",
        argv=(sys.executable, "-c", _READS, kafka_bootstrap, name, group, str(tmp_path / "once")),
    )
    watched = [Watched("worker", group, (name,))]
    patience = Patience(
        steady_seconds=1, unsteady_seconds=60, joining_seconds=0, look_every_seconds=0.2
    )
    said: list[str] = []
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    async with (
        Supervisor([worker], logs=tmp_path, say=said.append) as supervisor,
        producer,
    ):
        watchdog = Watchdog(
            kafka_bootstrap, watched, supervisor, say=said.append, patience=patience
        )
        watching = asyncio.create_task(watchdog.run())

        async def a_fact_more() -> bool:
            await producer.send_and_wait(name, b"fact")
            return any("has stood still" in line for line in said)

        await eventually(a_fact_more, deadline_seconds=20, saying="the watchdog kills the worker")

        async def second_reads() -> bool:
            log = (tmp_path / "worker.log").read_text(encoding="utf-8")
            return log.count("read") == 2

        await eventually(second_reads, deadline_seconds=30, saying="its successor reads")
        watching.cancel()
