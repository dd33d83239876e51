"""The embedded Kafka and MongoDB are real: they keep what they acknowledged through kill -9."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from deploy.embedded import jars, topics
from deploy.embedded.jars import WrongJar
from deploy.embedded.mongodb import MongoDB
from deploy.embedded.supervisor import Supervisor
from tests.support.backing import embedded, embedded_kafka, eventually, free_port

pytestmark = pytest.mark.real


@pytest.mark.chaos
async def test_mongodb_keeps_what_it_acknowledged_through_kill_9(tmp_path: Path) -> None:
    mongodb = MongoDB(port=free_port(), folder=tmp_path, oplog_mb=64, cache_gb=0.25)
    async with embedded(mongodb.child(), logs=tmp_path / "logs") as supervisor:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            mongodb.url, w="majority", journal=True
        )
        async with client:
            await client.trial.facts.insert_many([{"_id": number} for number in range(100)])
            await _kill_and_await_return(supervisor, "mongodb", mongodb.is_primary)
            assert await client.trial.facts.count_documents({}) == 100
            await client.trial.facts.insert_one({"_id": 100})


async def test_mongodb_moves_to_another_port_with_its_data(tmp_path: Path) -> None:
    for expected in (0, 1):
        mongodb = MongoDB(port=free_port(), folder=tmp_path, oplog_mb=64, cache_gb=0.25)
        async with embedded(mongodb.child(), logs=tmp_path / "logs"):
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb.url)
            async with client:
                assert await client.trial.facts.count_documents({}) == expected
                await client.trial.facts.insert_one({"_id": expected})


@pytest.mark.chaos
async def test_kafka_keeps_what_it_acknowledged_through_kill_9(tmp_path: Path) -> None:
    kafka = embedded_kafka(tmp_path)
    async with embedded(kafka.child(print), logs=tmp_path / "logs") as supervisor:
        await topics.create(kafka.bootstrap, topics.declared())
        producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, enable_idempotence=True)
        async with producer:
            for number in range(100):
                await producer.send_and_wait("results.events", str(number).encode(), partition=0)
        await _kill_and_await_return(supervisor, "kafka", kafka.answers)
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap)
        async with consumer:
            partition = TopicPartition("results.events", 0)
            consumer.assign([partition])
            await consumer.seek_to_beginning(partition)
            read = [int((await consumer.getone()).value) for _ in range(100)]
        assert read == list(range(100))


async def _kill_and_await_return(
    supervisor: Supervisor, name: str, answers: Callable[[], Awaitable[bool]]
) -> None:
    killed = supervisor.running(name)
    assert killed is not None
    killed.kill()
    await killed.wait()

    async def returned() -> bool:
        now = supervisor.running(name)
        try:
            return now is not None and now.pid != killed.pid and await answers()
        except PyMongoError:
            return False

    await eventually(returned, deadline_seconds=30, saying=f"{name} is back after kill -9")


async def test_the_topics_are_created_as_declared_and_only_once(
    kafka_bootstrap: str, topic_prefix: str
) -> None:
    declared = topics.declared(topic_prefix)
    for _ in range(2):
        await topics.create(kafka_bootstrap, declared)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics([topic.name for topic in declared])
    finally:
        await admin.close()
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == {
        f"{topic_prefix}{service}.events": 6
        for service in ("identity", "voters", "queue", "results", "gotv")
    }
    assert topics.partitions()["queue.events"] == 6


def test_a_damaged_jar_is_replaced_and_a_foreign_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = next(jar for jar in jars.pinned() if "/jspecify/" in jar.path)
    monkeypatch.setattr(jars, "pinned", lambda: (small,))
    assert jars.fetch(tmp_path) == 1
    small.within(tmp_path).write_bytes(b"half a jar")
    assert jars.fetch(tmp_path) == 1
    assert jars.fetch(tmp_path) == 0

    other = jars.Jar(sha256="0" * 64, path=small.path)
    monkeypatch.setattr(jars, "pinned", lambda: (other,))
    with pytest.raises(WrongJar, match=r"jspecify.*is not the jar"):
        jars.fetch(tmp_path)
    assert not other.within(tmp_path).exists()


def test_every_part_of_kafka_itself_has_the_same_version() -> None:
    versions = {
        jar.path.split("/")[-2] for jar in jars.pinned() if jar.path.startswith("org/apache/kafka/")
    }
    assert versions == {"4.1.0"}
