"""From Kafka's records to facts in views and policies: nothing skipped, nothing decoded in vain."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Protocol

import structlog
from prometheus_client import Counter

from libs.bus import decode, id_in, position_in, type_of
from libs.events.base import Recorded, UnknownEvent
from libs.views.fold import label_of
from libs.views.parking import Parked, Parking
from libs.views.progress import Progress

RECORDS_PER_READ = 2_000
# As many as may be in hand: the slowest agent, too, finds them decoded.
RECORDS_KEPT = 10_000

log = structlog.get_logger()

_gaps = Counter(
    "phonebank_view_gap_records", "Records the consumer had skipped, read anew.", ["view"]
)
_strangers = Counter("phonebank_view_strange_records", "Records not written by a relay.", ["topic"])


class Record(Protocol):
    """A record as aiokafka and Faust hand it out."""

    @property
    def topic(self) -> str:
        """Where it was read."""

    @property
    def partition(self) -> int:
        """Its number in the topic."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def key(self) -> bytes | None:
        """The Kafka key."""

    @property
    def value(self) -> bytes:
        """The payload."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """The envelope."""


class Runner(Protocol):
    """A ViewRunner or a PolicyRunner."""

    name: str
    types: frozenset[str]

    async def apply(self, batch: Sequence[Recorded]) -> None:
        """Take facts in; return when they are done or parked."""

    async def park_unreadable(self, entry: Parked) -> None:
        """Set aside a fact that cannot be decoded."""


# Records of one partition from an offset to before another, in batches.
Reread = Callable[[str, int, int, int], AsyncIterator[Sequence[Record]]]


def facts_in(records: Iterable[Record], types: frozenset[str]) -> list[Recorded | Parked]:
    """The facts of these types; one that cannot be read here is a `Parked` still without a view."""
    return Reading().facts_in(records, types)


class Reading:
    """What several intakes of one process are handed is decoded by the first of them.

    The last `RECORDS_KEPT` records are known, each by itself and not by its offset, which a topic
    that was made anew gives to another. An intake that is further behind decodes for itself.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Record, Recorded | Parked | None]] = OrderedDict()

    def facts_in(self, records: Iterable[Record], types: frozenset[str]) -> list[Recorded | Parked]:
        """The facts of these types; one that cannot be read is a `Parked` without a view."""
        found: list[Recorded | Parked] = []
        for record in records:
            wire_type = type_of(record.headers)
            if wire_type not in types:
                continue
            known = self._known.get(id(record))
            if known is None:
                # The record is kept with it, so that no other is given its id meanwhile.
                known = self._known[id(record)] = (record, _fact_in(record, wire_type))
            if known[1] is not None:
                found.append(known[1])
        while len(self._known) > RECORDS_KEPT:
            self._known.popitem(last=False)
        return found


def _fact_in(record: Record, wire_type: str) -> Recorded | Parked | None:
    try:
        return decode(record.headers, record.value, record.topic, record.partition)
    except UnknownEvent:
        return None
    except ValueError as error:
        position = position_in(record.headers)
        if position is not None:
            return _unreadable(record, wire_type, position, type(error).__name__)
        _strangers.labels(record.topic).inc()
        log.error(  # noqa: TRY400 - the trace says nothing more.
            "a record not written by a relay",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
        return None


async def feed(runner: Runner, facts: Sequence[Recorded | Parked]) -> None:
    """Let a runner take facts in, in order; what cannot be read is parked in its turn."""
    readable: list[Recorded] = []
    for fact in facts:
        if isinstance(fact, Recorded):
            readable.append(fact)
        elif fact.type in runner.types:
            await runner.apply(readable)
            readable = []
            await runner.park_unreadable(fact.of_view(runner.name))
    await runner.apply(readable)


class Intake:
    """What one agent does with its records.

    Kafka's offsets have no holes in our topics, so a jump means that the consumer skipped records
    (Faust and aiokafka have such faults): they are read anew, in their place, before going on.
    """

    def __init__(
        self,
        runners: Sequence[Runner],
        parking: Parking,
        progress: Progress,
        reread: Reread,
        reading: Reading | None = None,
    ) -> None:
        self._runners = runners
        self._types = frozenset[str]().union(*(runner.types for runner in runners))
        self._parking = parking
        self._progress = progress
        self._reread = reread
        self._reading = reading or Reading()
        self._reassigned = True

    def reassigned(self) -> None:
        """Partitions came or went: what other processes did meanwhile is read before going on."""
        self._reassigned = True

    async def take(self, records: Sequence[Record]) -> None:
        """Return when the records' facts are in every view and policy, or parked."""
        if self._reassigned:
            self._reassigned = False
            await self._progress.refresh()
            await self._parking.refresh()
        whole = await self._without_holes(records)
        starts: dict[tuple[str, int], int] = {}
        ends: dict[tuple[str, int], int] = {}
        for record in records:
            place = (record.topic, record.partition)
            starts.setdefault(place, record.offset)
            ends[place] = record.offset + 1
        facts = self._reading.facts_in(whole, self._types)
        async with asyncio.TaskGroup() as folding:
            for runner in self._runners:
                folding.create_task(self._take_for(runner, starts, facts))
        for runner in self._runners:
            for place, end in ends.items():
                self._progress.reached(runner.name, label_of(*place), end)

    async def _take_for(
        self,
        runner: Runner,
        starts: dict[tuple[str, int], int],
        facts: Sequence[Recorded | Parked],
    ) -> None:
        for (topic, partition), start in starts.items():
            expected = self._progress.expected(runner.name, label_of(topic, partition))
            if expected is not None and expected < start:
                await self._catch_up(runner, topic, partition, expected, start)
        await feed(runner, facts)

    async def _catch_up(
        self, runner: Runner, topic: str, partition: int, start: int, end: int
    ) -> None:
        async for records in self._reread(topic, partition, start, end):
            _gaps.labels(runner.name).inc(len(records))
            await feed(runner, facts_in(records, runner.types))

    async def _without_holes(self, records: Sequence[Record]) -> list[Record]:
        whole: list[Record] = []
        following: dict[tuple[str, int], int] = {}
        for record in records:
            place = (record.topic, record.partition)
            expected = following.get(place, record.offset)
            if record.offset > expected:
                async for missing in self._reread(*place, expected, record.offset):
                    _gaps.labels("all").inc(len(missing))
                    whole.extend(missing)
            whole.append(record)
            following[place] = record.offset + 1
        return whole


def _unreadable(record: Record, wire_type: str, position: int, reason: str) -> Parked:
    return Parked(
        view="",
        row=None,
        kafka_key=(record.key or b"").decode(errors="replace"),
        topic=record.topic,
        partition=record.partition,
        position=position,
        fact_id=id_in(record.headers),
        type=wire_type,
        reason=reason,
    )
