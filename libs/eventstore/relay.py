"""The relay: gives the log its order, then copies it to Kafka, at least once and in that order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from prometheus_client import Counter, Gauge

from libs.bus import encode
from libs.database import Database, Document, PyMongoError
from libs.eventstore.order import Fenced, Order
from libs.eventstore.position import COMMITS_PER_ORDER_MAX, partition_of, position_of
from libs.eventstore.tail import Tail, TokenLost

RESTART_SECONDS_FIRST = 0.2
RESTART_SECONDS_MAX = 5.0
STANDBY_SECONDS = 2.0

log = structlog.get_logger()

_published = Counter("phonebank_relay_facts", "Facts acknowledged by Kafka.", ["topic"])
_lag = Gauge(
    "phonebank_relay_lag_seconds",
    "Age of the last published commit when Kafka had it.",
    ["topic"],
)
_restarts = Counter("phonebank_relay_restarts", "Starts after an error.", ["topic", "reason"])


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a log's facts go. `service` is the CloudEvents source, e.g. "queue"."""

    service: str
    topic: str
    partitions: int


class Relay:
    """One log's relay. Run as many as you like: one gives the numbers, the others are fenced.

    Before anything is published its place in the order is durable, so a position once given is
    the same in every rebuild. A restart repeats a suffix; `seen` in every view drops it.
    """

    def __init__(
        self,
        database: Database,
        destination: Destination,
        make_producer: Callable[[], AIOKafkaProducer],
    ) -> None:
        self._database = database
        self._destination = destination
        self._make_producer = make_producer
        self._order = Order(database)
        self._token_lost = False

    async def run(self) -> None:
        """Relay until cancelled, starting anew from what is durable after every error."""
        pause_seconds = RESTART_SECONDS_FIRST
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await self._run_once()
            except Fenced:
                self._restarted("fenced")
                await asyncio.sleep(STANDBY_SECONDS)
            except TokenLost:
                self._restarted("token lost")
                self._token_lost = True
            except (KafkaError, PyMongoError, OSError) as error:
                # A producer in doubt is never used again (aiokafka #1017): the next one starts
                # from the last number that Kafka acknowledged.
                self._restarted(type(error).__name__)
                await asyncio.sleep(pause_seconds)
            ran_well = asyncio.get_running_loop().time() - started > RESTART_SECONDS_MAX
            pause_seconds = (
                RESTART_SECONDS_FIRST if ran_well else min(pause_seconds * 2, RESTART_SECONDS_MAX)
            )

    def _restarted(self, reason: str) -> None:
        _restarts.labels(self._destination.topic, reason).inc()
        log.warning("relay starts again", topic=self._destination.topic, reason=reason)

    async def _run_once(self) -> None:
        async with self._producer() as producer:
            await self._order.load()
            await self._publish_from(producer, await self._order.published() + 1)
            if self._order.token is None or self._token_lost:
                await self._catch_up_from_log()
                self._token_lost = False
                await self._publish_from(producer, await self._order.published() + 1)
            async with Tail(self._database, self._order.token) as tail:
                while True:
                    arrived = await tail.next()
                    commits = arrived.commits
                    if self._order.overlap_until is not None and commits:
                        commits = await self._order.without_ordered(commits)
                        if arrived.cluster_time > self._order.overlap_until:
                            self._order.overlap_until = None
                    if commits:
                        number = await self._order.give(commits, arrived.token)
                        await self._publish(producer, number, commits)
                        await self._order.mark_published(number)

    async def _catch_up_from_log(self) -> None:
        """Order every commit that no entry holds, from the log itself.

        The stream is opened first, so that nothing falls between the scan and the stream; what
        both tell is dropped while `overlap_until` is not passed. Entries before the last carry
        no token: a crash in between leads here again.
        """
        async with Tail(self._database, None) as tail:
            token = tail.token
            missing = await self._order.unordered()
            answer = await self._database.command("ping")
            self._order.overlap_until = answer.get("operationTime")
            for start in range(0, len(missing), COMMITS_PER_ORDER_MAX):
                chunk = missing[start : start + COMMITS_PER_ORDER_MAX]
                last = start + len(chunk) == len(missing)
                await self._order.give(chunk, token if last else None)
        self._order.token = token

    async def _publish_from(self, producer: AIOKafkaProducer, first: int) -> None:
        for number in range(first, self._order.last + 1):
            await self._publish(producer, number, await self._order.commits_of(number))
            await self._order.mark_published(number)

    async def _publish(
        self, producer: AIOKafkaProducer, number: int, commits: Sequence[Document]
    ) -> None:
        """Send one entry and wait until Kafka has all of it, each partition in order."""
        batches: dict[int, list[BatchBuilder]] = {}
        facts = 0
        for place, document in enumerate(commits):
            for index, fact in enumerate(document["facts"]):
                self._put(producer, batches, document, fact, position_of(number, place, index))
                facts += 1
        topic = self._destination.topic
        sent = [
            await producer.send_batch(batch, topic, partition=partition)
            for partition, waiting in batches.items()
            for batch in waiting
        ]
        await asyncio.gather(*sent)
        _published.labels(topic).inc(facts)
        age = datetime.now(UTC) - commits[-1]["meta"]["at"]
        _lag.labels(topic).set(age.total_seconds())

    def _put(
        self,
        producer: AIOKafkaProducer,
        batches: dict[int, list[BatchBuilder]],
        document: Document,
        fact: Document,
        position: int,
    ) -> None:
        meta = document["meta"]
        key, value, headers = encode(
            service=self._destination.service,
            key=fact["key"],
            type=fact["type"],
            version=fact["version"],
            payload=fact["payload"],
            id=f"{document['_id']}:{position & 0xFFF}",
            stream=document["stream"],
            stream_version=document["version"],
            at=meta["at"],
            position=position,
            correlation_id=meta["correlation_id"],
            causation_id=meta["causation_id"],
            traceparent=meta["traceparent"],
        )
        waiting = batches.setdefault(partition_of(fact["key"], self._destination.partitions), [])
        timestamp_ms = int(meta["at"].timestamp() * 1_000)
        for _ in range(2):
            if waiting and waiting[-1].append(
                timestamp=timestamp_ms, key=key, value=value, headers=headers
            ):
                return
            waiting.append(producer.create_batch())
        if not waiting[-1].append(timestamp=timestamp_ms, key=key, value=value, headers=headers):
            message = f"a fact of {fact['type']} is larger than a Kafka batch"
            raise ValueError(message)

    @contextlib.asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = self._make_producer()
        await producer.start()
        try:
            yield producer
        finally:
            # A producer that cannot flush must not keep the next one from starting.
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(RESTART_SECONDS_MAX):
                    await producer.stop()


def kafka_producer(bootstrap: str) -> AIOKafkaProducer:
    """An idempotent producer that waits for every replica (`acks=all`)."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=512 * 1024,
        request_timeout_ms=10_000,
        retry_backoff_ms=50,
    )
