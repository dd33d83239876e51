"""Reads topics without a consumer group: for rebuilds, for skipped records, and to compare."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

RECORDS_PER_READ = 2_000
READ_SECONDS_MAX = 30.0

Place = tuple[str, int]


class TopicsMissing(KafkaError):
    """A topic does not exist (yet): `deploy.embedded.topics` or an operator creates them."""


class Stalled(KafkaError):
    """The broker gave no record for long although there must be some."""


class Topics:
    """A reader of whole topics or parts of them; it joins no group and commits nothing."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """How many partitions each topic has. Raises TopicsMissing, and KafkaError when down."""
        wanted = sorted(topics)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            described = await admin.describe_topics(wanted)
        finally:
            await admin.close()
        counts = {
            topic["topic"]: len(topic["partitions"])
            for topic in described
            if not topic["error_code"]
        }
        if missing := [topic for topic in wanted if not counts.get(topic)]:
            raise TopicsMissing(", ".join(missing))
        return counts

    async def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """The offset behind the last record of each partition, now."""
        counts = await self.partitions(topics)
        places = [TopicPartition(topic, n) for topic, count in counts.items() for n in range(count)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        try:
            await consumer.start()
            ends = await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return {(place.topic, place.partition): end for place, end in ends.items()}

    async def read(
        self, ranges: Mapping[Place, tuple[int, int]]
    ) -> AsyncGenerator[Sequence[ConsumerRecord], None]:
        """The records from each start to before each end, in batches of one partition."""
        open_until = {
            TopicPartition(*place): end for place, (start, end) in ranges.items() if start < end
        }
        if not open_until:
            return
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        try:
            await consumer.start()
            consumer.assign(list(open_until))
            for place in open_until:
                consumer.seek(place, ranges[place.topic, place.partition][0])
            while open_until:
                batches = await consumer.getmany(
                    *open_until,
                    timeout_ms=int(READ_SECONDS_MAX * 1000),
                    max_records=RECORDS_PER_READ,
                )
                if not batches:
                    raise Stalled(f"{len(open_until)} partitions")
                for place, records in batches.items():
                    yield [record for record in records if record.offset < open_until[place]]
                    if records[-1].offset + 1 >= open_until[place]:
                        del open_until[place]
                        consumer.pause(place)
        finally:
            await consumer.stop()

    async def reread(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncGenerator[Sequence[ConsumerRecord], None]:
        """One part of one partition."""
        async for records in self.read({(topic, partition): (start, end)}):
            yield records
