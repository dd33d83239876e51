"""Read a whole topic with a plain client, and make topics for one test."""

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from deploy.embedded.topics import Topic, create

PARTITIONS = 3


async def make_topic(bootstrap: str, name: str, partitions: int = PARTITIONS) -> None:
    """Create one topic."""
    await create(bootstrap, [Topic(name, partitions, {})])


async def read_topic(bootstrap: str, name: str) -> list[ConsumerRecord]:
    """Every record of a topic up to its present end, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        ids = sorted(await _partitions(consumer, name))
        places = [TopicPartition(name, number) for number in ids]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        records: list[ConsumerRecord] = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for gathered in (await consumer.getmany(timeout_ms=500)).values():
                records += gathered
        return records
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    consumer.subscribe([name])
    found: set[int] = set()
    while not found:
        await consumer.getmany(timeout_ms=50)
        found = consumer.partitions_for_topic(name) or set()
    consumer.unsubscribe()
    return found


def position(record: ConsumerRecord) -> int:
    """The position header of a fact."""
    return int(dict(record.headers)["position"])
