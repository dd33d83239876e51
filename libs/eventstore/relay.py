"""The relay: gives the log its order, then copies it to Kafka, at least once and in that order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder
from prometheus_client import Counter, Gauge

from libs.bus import encode
from libs.database import Client, Document, PyMongoError
from libs.eventstore.order import Fenced, Order
from libs.eventstore.position import (
    COMMITS_PER_ORDER_MAX,
    fact_index,
    partition_of,
    position_of,
)
from libs.eventstore.tail import Tail, TokenLost

RESTART_SECONDS_FIRST = 0.2
RESTART_SECONDS_MAX = 5.0
STANDBY_SECONDS = 2.0
# A little patience under load: what gathers meanwhile shares one entry, one send, one fetch.
GATHER_SECONDS = 0.15
# How often a log that is quiet remembers how far the stream has passed without it.
PASSED_SECONDS = 10.0

log = structlog.get_logger()

_published = Counter("phonebank_relay_facts", "Facts acknowledged by Kafka.", ["topic"])
_lag = Gauge(
    "phonebank_relay_lag_seconds",
    "Age of the last published commit when Kafka had it.",
    ["topic"],
)
_restarts = Counter("phonebank_relay_restarts", "Starts after an error.", ["reason"])


@dataclass(frozen=True, slots=True)
class Route:
    """One log and where its facts go. `service` is the CloudEvents source, e.g. "queue"."""

    service: str
    database: str
    topic: str
    partitions: int


class Relay:
    """The relay of one or several logs. Run as many as you like: the number gives the fence.

    Before anything is published its place in the order is durable, so a position once given is
    the same in every rebuild. A restart repeats a suffix; `seen` in every view drops it.
    """

    def __init__(
        self,
        client: Client,
        routes: Sequence[Route],
        make_producer: Callable[[], AIOKafkaProducer],
    ) -> None:
        self._client = client
        self._routes = {route.database: route for route in routes}
        self._orders = {route.database: Order(client[route.database]) for route in routes}
        self._make_producer = make_producer
        self._token_lost = False

    async def run(self) -> None:
        """Relay until cancelled, starting anew from what is durable after every error."""
        pause_seconds = RESTART_SECONDS_FIRST
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
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
            ran_well = loop.time() - started > RESTART_SECONDS_MAX
            pause_seconds = (
                RESTART_SECONDS_FIRST if ran_well else min(pause_seconds * 2, RESTART_SECONDS_MAX)
            )

    def _restarted(self, reason: str) -> None:
        _restarts.labels(reason).inc()
        log.warning("relay starts again", logs=sorted(self._routes), reason=reason)

    async def _run_once(self) -> None:
        async with self._producer() as producer:
            await _all(order.load() for order in self._orders.values())
            await _all(self._publish_rest(producer, name) for name in self._orders)
            token = await self._start(producer)
            # What the stream tells up to now may be ordered already: by a catch-up, or because
            # the logs' tokens differ and the stream begins at the oldest.
            overlap_until = await self._cluster_time()
            async with Tail(self._client, list(self._routes), token) as tail:
                await self._follow(producer, tail, overlap_until)

    async def _follow(self, producer: AIOKafkaProducer, tail: Tail, overlap_until: Any) -> None:
        loop = asyncio.get_running_loop()
        passed_at = loop.time()
        while True:
            asked = loop.time()
            arrived = await tail.next()
            overlapping = overlap_until is not None
            await _all(
                self._take(producer, name, commits, arrived.token, overlapping=overlapping)
                for name, commits in arrived.commits.items()
            )
            if overlapping and arrived.cluster_time and arrived.cluster_time > overlap_until:
                overlap_until = None
            if loop.time() - passed_at > PASSED_SECONDS:
                passed_at = loop.time()
                await _all(each.mark_passed(arrived.token) for each in self._orders.values())
            if arrived.commits:
                await asyncio.sleep(max(0.0, GATHER_SECONDS - (loop.time() - asked)))

    async def _take(
        self,
        producer: AIOKafkaProducer,
        name: str,
        commits: Sequence[Document],
        token: Document,
        *,
        overlapping: bool,
    ) -> None:
        """Order what arrived of one log, publish it, and remember that."""
        order = self._orders[name]
        if overlapping:
            commits = await order.without_ordered(commits)
        if commits:
            number = await order.give(commits, token)
            await self._publish(producer, self._routes[name], number, commits)
            await order.mark_published(number)

    async def _start(self, producer: AIOKafkaProducer) -> Document:
        """The token to follow from: the oldest of the logs', after a catch-up where one has none.

        A catch-up opens the stream first, so that nothing falls between its scan and the stream.
        Its entries before the last carry no token: a crash in between leads here again.
        """
        orders = list(self._orders.values())
        lost = orders if self._token_lost else [each for each in orders if each.token is None]
        if lost:
            async with Tail(self._client, list(self._routes), None) as tail:
                for order in lost:
                    await self._catch_up(order, tail.token)
                    await self._publish_rest(producer, order.name)
        self._token_lost = False
        tokens = [order.token for order in orders if order.token is not None]
        return min(tokens, key=lambda token: str(token["_data"]))

    async def _catch_up(self, order: Order, token: Document | None) -> None:
        """Order every commit that no entry holds, from the log itself."""
        await order.settle()
        missing = await order.unordered()
        for start in range(0, len(missing), COMMITS_PER_ORDER_MAX):
            chunk = missing[start : start + COMMITS_PER_ORDER_MAX]
            last = start + len(chunk) == len(missing)
            await order.give(chunk, token if last else None)
        order.token = token

    async def _cluster_time(self) -> Any:
        answer = await self._client["admin"].command("ping")
        return answer.get("operationTime")

    async def _publish_rest(self, producer: AIOKafkaProducer, name: str) -> None:
        """Publish what was ordered and, as far as is known, not published."""
        order = self._orders[name]
        for number in range(await order.published() + 1, order.last + 1):
            commits = await order.commits_of(number)
            await self._publish(producer, self._routes[name], number, commits)
            await order.mark_published(number)

    async def _publish(
        self,
        producer: AIOKafkaProducer,
        route: Route,
        number: int,
        commits: Sequence[Document],
    ) -> None:
        """Send one entry and wait until Kafka has all of it, each partition in order."""
        batches: dict[int, list[BatchBuilder]] = {}
        facts = 0
        for place, document in enumerate(commits):
            for index, fact in enumerate(document["facts"]):
                position = position_of(number, place, index)
                _put(producer, route, batches, document, fact, position)
                facts += 1
        sent = [
            await producer.send_batch(batch, route.topic, partition=partition)
            for partition, waiting in batches.items()
            for batch in waiting
        ]
        await asyncio.gather(*sent)
        _published.labels(route.topic).inc(facts)
        age = datetime.now(UTC) - commits[-1]["meta"]["at"]
        _lag.labels(route.topic).set(age.total_seconds())

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


def _put(
    producer: AIOKafkaProducer,
    route: Route,
    batches: dict[int, list[BatchBuilder]],
    document: Document,
    fact: Document,
    position: int,
) -> None:
    """Add a fact to its partition's batch, opening another when it is full."""
    meta = document["meta"]
    key, value, headers = encode(
        service=route.service,
        key=fact["key"],
        type=fact["type"],
        version=fact["version"],
        payload=fact["payload"],
        id=f"{document['_id']}:{fact_index(position)}",
        stream=document["stream"],
        stream_version=document["version"],
        at=meta["at"],
        position=position,
        correlation_id=meta["correlation_id"],
        causation_id=meta["causation_id"],
        traceparent=meta["traceparent"],
    )
    waiting = batches.setdefault(partition_of(fact["key"], route.partitions), [])
    # Kafka takes no record from the future: a server whose clock runs ahead must not stop the bus.
    timestamp_ms = int(min(meta["at"], datetime.now(UTC)).timestamp() * 1_000)
    for _ in range(2):
        if waiting and waiting[-1].append(
            timestamp=timestamp_ms, key=key, value=value, headers=headers
        ):
            return
        waiting.append(producer.create_batch())
    if not waiting[-1].append(timestamp=timestamp_ms, key=key, value=value, headers=headers):
        message = f"a fact of {fact['type']} is larger than a Kafka batch"
        raise ValueError(message)


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all, and only then raise what one raised: no log is worked on behind our back."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error


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
