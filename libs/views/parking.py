"""Facts that could not be applied, kept aside with their row and all that came after them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from libs.database import ASCENDING, Database, Document, PyMongoError, UpdateOne
from libs.events.base import Recorded
from libs.views.patience import is_race, is_transient, patiently

Now = Callable[[], datetime]

REFRESH_SECONDS = 5.0
ANSWERS_MAX = 1_000

log = structlog.get_logger()

_parked = Counter("phonebank_view_parked_facts", "Facts set aside.", ["view"])
_waiting = Gauge("phonebank_view_parked_facts_waiting", "Facts that wait for a replay.", ["view"])


@dataclass(frozen=True, slots=True)
class Parked:
    """A fact set aside. `row` is None when it could not be told which rows it touches."""

    view: str
    row: str | None
    kafka_key: str
    topic: str
    partition: int
    position: int
    fact_id: str
    type: str
    reason: str
    at: datetime | None = None

    @classmethod
    def fact(cls, view: str, row: str | None, fact: Recorded, reason: str) -> "Parked":
        """A fact that could be decoded."""
        return cls(
            view=view,
            row=row,
            kafka_key=fact.event.key,
            topic=fact.topic,
            partition=fact.partition,
            position=fact.position,
            fact_id=fact.id,
            type=fact.event.TYPE,
            reason=reason,
        )

    def of_view(self, view: str) -> "Parked":
        """The same fact, set aside for this view."""
        return replace(self, view=view)

    @property
    def id(self) -> str:
        """The same for the same fact of the same row, so that parking twice is parking once."""
        place = self.row if self.row is not None else f"key:{self.kafka_key}"
        return f"{self.view}/{place}/{self.topic}/{self.position}"


class Parking:
    """The collection `parked` of a service, and what it holds in memory.

    A row (or a Kafka key of a topic) is held while any fact of it is parked; its later facts are
    parked too, so a row's facts before are never overtaken by those after. The sets are read at
    the start, before a newly given partition is worked on, and every few seconds.
    """

    def __init__(self, database: Database, now: Now) -> None:
        self._collection = database["parked"]
        self._now = now
        self._rows: set[tuple[str, str]] = set()
        self._keys: set[tuple[str, str, str]] = set()
        self._reading = asyncio.Lock()
        self._rows_since: set[tuple[str, str]] = set()
        self._keys_since: set[tuple[str, str, str]] = set()

    async def prepare(self) -> None:
        """Make the indexes and read what is parked."""
        await patiently(
            lambda: self._collection.create_index([("view", ASCENDING), ("row", ASCENDING)]),
            asking="index of parked facts",
        )
        await patiently(
            lambda: self._collection.create_index([("view", ASCENDING), ("kafka_key", ASCENDING)]),
            asking="index of parked facts",
        )
        await patiently(self.refresh, asking="parked facts")

    async def refresh(self) -> None:
        """Read the sets anew; what is parked meanwhile stays held."""
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        self._rows_since, self._keys_since = set(), set()
        place = {
            "view": "$view",
            "row": "$row",
            "topic": {"$cond": [{"$eq": ["$row", None]}, "$topic", None]},
            "kafka_key": {"$cond": [{"$eq": ["$row", None]}, "$kafka_key", None]},
        }
        rows: set[tuple[str, str]] = set()
        keys: set[tuple[str, str, str]] = set()
        counts = dict.fromkeys((view for view, *_ in (*self._rows, *self._keys)), 0)
        groups = await self._collection.aggregate(
            [{"$group": {"_id": place, "facts": {"$sum": 1}}}]
        )
        async for group in groups:
            held = group["_id"]
            counts[held["view"]] = counts.get(held["view"], 0) + group["facts"]
            if held["row"] is None:
                keys.add((held["view"], held["topic"], held["kafka_key"]))
            else:
                rows.add((held["view"], held["row"]))
        for view, count in counts.items():
            _waiting.labels(view).set(count)
        self._rows, self._keys = rows | self._rows_since, keys | self._keys_since

    async def keep_fresh(self) -> None:
        """Run until cancelled."""
        running = asyncio.current_task()
        while running is None or not running.cancelling():
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except PyMongoError as error:
                # PyMongo may answer a cancellation with an error of its own.
                log.warning("parked facts not read", reason=type(error).__name__)

    def any_held(self) -> bool:
        """Whether anything is parked at all; nearly always not."""
        return bool(self._rows or self._keys)

    def holds_row(self, view: str, row: str) -> bool:
        """Whether a fact of this row is parked."""
        return (view, row) in self._rows

    def holds_key(self, view: str, topic: str, kafka_key: str) -> bool:
        """Whether a fact with this Kafka key is parked that could not be read."""
        return (view, topic, kafka_key) in self._keys

    async def confirm(self, view: str, rows: Iterable[str], facts: Iterable[Recorded]) -> None:
        """Ask the collection again about what seems to be held: a replay may have freed it."""
        held_rows = [row for row in rows if self.holds_row(view, row)]
        held_keys = {
            (view, fact.topic, fact.event.key)
            for fact in facts
            if self.holds_key(view, fact.topic, fact.event.key)
        }
        if held_rows:
            still = await patiently(
                lambda: self._collection.distinct("row", {"view": view, "row": {"$in": held_rows}}),
                asking="parked rows",
            )
            self._rows -= {(view, row) for row in set(held_rows) - set(still)}
        for _, topic, kafka_key in held_keys:
            asked = {"view": view, "row": None, "topic": topic, "kafka_key": kafka_key}
            if (
                await patiently(partial(self._collection.find_one, asked), asking="parked key")
                is None
            ):
                self._keys.discard((view, topic, kafka_key))

    async def park(self, entries: Sequence[Parked]) -> None:
        """Set facts aside, durably, each once."""
        if not entries:
            return
        at = self._now()
        operations = [
            UpdateOne({"_id": entry.id}, {"$setOnInsert": _document(entry, at)}, upsert=True)
            for entry in entries
        ]
        await patiently(
            lambda: self._collection.bulk_write(operations, ordered=False),
            asking="parking",
            passes=lambda error: is_transient(error) or is_race(error),
        )
        for entry in entries:
            if entry.row is None:
                key = (entry.view, entry.topic, entry.kafka_key)
                self._keys.add(key)
                self._keys_since.add(key)
            else:
                self._rows.add((entry.view, entry.row))
                self._rows_since.add((entry.view, entry.row))
            _parked.labels(entry.view).inc()
        first = entries[0]
        log.error(
            "parked", view=first.view, fact=first.fact_id, reason=first.reason, facts=len(entries)
        )

    async def listing(self, view: str | None = None, limit: int = ANSWERS_MAX) -> list[Parked]:
        """What is parked, oldest first, for operators."""
        asked = {"view": view} if view else {}
        return await self._found(asked, limit)

    async def of_row(self, view: str, row: str) -> list[Parked]:
        """The parked facts of a row."""
        return await self._found({"view": view, "row": row})

    async def of_key(self, view: str, kafka_key: str) -> list[Parked]:
        """The parked facts with a Kafka key, those of known rows included."""
        return await self._found({"view": view, "kafka_key": kafka_key})

    async def release(self, entries: Sequence[Parked]) -> None:
        """Let facts go that have been applied."""
        await self._collection.delete_many({"_id": {"$in": [entry.id for entry in entries]}})
        await self.refresh()

    async def _found(self, asked: Mapping[str, Any], limit: int = 0) -> list[Parked]:
        cursor = self._collection.find(dict(asked)).sort(
            [("at", ASCENDING), ("position", ASCENDING)]
        )
        return [_entry(found) async for found in cursor.limit(limit)]


def _document(entry: Parked, at: datetime) -> Document:
    return {
        "view": entry.view,
        "row": entry.row,
        "kafka_key": entry.kafka_key,
        "topic": entry.topic,
        "partition": entry.partition,
        "position": entry.position,
        "fact_id": entry.fact_id,
        "type": entry.type,
        "reason": entry.reason,
        "at": at,
    }


def _entry(found: Document) -> Parked:
    return Parked(**{name: value for name, value in found.items() if name != "_id"})
