"""Creates the topics of `deploy/topics.yml`, the only way a topic ever comes to be."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

DECLARED = Path(__file__).parents[1] / "topics.yml"
_ALREADY_EXISTS = 36


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as declared: its name, how many partitions, and Kafka's settings for it."""

    name: str
    partitions: int
    config: Mapping[str, str]


def declared(prefix: str = "") -> tuple[Topic, ...]:
    """Every topic of `topics.yml`; tests give a prefix to have topics of their own."""
    document = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    defaults = document["defaults"]
    return tuple(
        Topic(
            name=prefix + name,
            partitions=own.get("partitions", defaults["partitions"]),
            config={
                key: str(value)
                for key, value in {**defaults["config"], **own.get("config", {})}.items()
            },
        )
        for name, own in document["topics"].items()
    )


def partitions() -> dict[str, int]:
    """How many partitions each declared topic has."""
    return {topic.name: topic.partitions for topic in declared()}


async def create(bootstrap: str, topics: Sequence[Topic], *, replication: int = 1) -> None:
    """Create what does not exist yet; a topic that exists stays as it is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics(
            [
                NewTopic(
                    topic.name, topic.partitions, replication, topic_configs=dict(topic.config)
                )
                for topic in topics
            ]
        )
    finally:
        await admin.close()
    for name, code, *message in answer.topic_errors:
        if code not in {0, _ALREADY_EXISTS}:
            raise for_code(code)(f"topic {name}: {message}")


if __name__ == "__main__":
    asyncio.run(
        create(
            os.environ["KAFKA_BOOTSTRAP"],
            declared(os.environ.get("TOPIC_PREFIX", "")),
            replication=int(os.environ.get("KAFKA_REPLICATION", "1")),
        )
    )
