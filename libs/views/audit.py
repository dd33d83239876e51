"""Checks a log against itself, and a topic against its log."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic

from aiokafka.structs import ConsumerRecord

from libs.bus import decode, position_in
from libs.database import Collection, Database, Document
from libs.events.base import Recorded, UnknownEvent
from libs.eventstore.store import Log
from libs.views.topics import Place, Topics

FINDINGS_MAX = 100
SETTLE_SECONDS = 10.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must never be, and the stream, order entry, commit or partition it is in."""

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


async def check_log(database: Database, *, settle_seconds: float = SETTLE_SECONDS) -> list[Finding]:
    """Versions without holes, a dense order, and every commit in exactly one entry of it.

    A commit just appended is in no entry yet; it is looked for again until `settle_seconds` have
    passed. At most 100 findings of each sort.
    """
    findings = await _holes_in_streams(database["commits"])
    findings += await _holes_in_order(database["order"])
    findings += await _ordered_once(database, settle_seconds)
    return findings


async def _holes_in_streams(commits: Collection) -> list[Finding]:
    streams = await commits.aggregate(
        [
            {"$group": {"_id": "$stream", "count": {"$sum": 1}, "last": {"$max": "$version"}}},
            {"$match": {"$expr": {"$ne": ["$count", "$last"]}}},
            {"$limit": FINDINGS_MAX},
        ],
        allowDiskUse=True,
    )
    return [
        Finding(f"{found['count']} commits, but its last version is {found['last']}", found["_id"])
        async for found in streams
    ]


async def _holes_in_order(order: Collection) -> list[Finding]:
    findings: list[Finding] = []
    expected = 1
    async for entry in order.find({}, {"_id": 1}).sort("_id", 1):
        if entry["_id"] != expected:
            findings.append(Finding(f"comes after {expected - 1}", f"order {entry['_id']}"))
        expected = entry["_id"] + 1
    return findings[:FINDINGS_MAX]


async def _ordered_once(database: Database, settle_seconds: float) -> list[Finding]:
    """Walk the commits and the order's commits side by side, both sorted by id."""
    findings: list[Finding] = []
    left_out: list[str] = []
    ordered = await database["order"].aggregate(
        [
            {"$unwind": "$commits"},
            {"$project": {"commit": "$commits"}},
            {"$sort": {"commit": 1}},
        ],
        allowDiskUse=True,
    )
    commits = database["commits"].find({}, {"_id": 1}).sort("_id", 1)
    commit = await anext(commits, None)
    previous: Document | None = None
    async for entry in ordered:
        if previous and previous["commit"] == entry["commit"]:
            both = f"order {previous['_id']} and {entry['_id']}"
            findings.append(Finding(f"is twice in the order: {both}", f"commit {entry['commit']}"))
            continue
        previous = entry
        while commit and commit["_id"] < entry["commit"]:
            left_out.append(commit["_id"])
            commit = await anext(commits, None)
        if commit and commit["_id"] == entry["commit"]:
            commit = await anext(commits, None)
        elif await database["commits"].find_one({"_id": entry["commit"]}) is None:
            findings.append(
                Finding(f"names commit {entry['commit']}, which is lost", f"order {entry['_id']}")
            )
    while commit:
        left_out.append(commit["_id"])
        commit = await anext(commits, None)
    never = await _still_left_out(database["order"], left_out, settle_seconds)
    return findings + [Finding("is in no order entry", f"commit {each}") for each in never]


async def _still_left_out(
    order: Collection, left_out: list[str], settle_seconds: float
) -> list[str]:
    deadline = monotonic() + settle_seconds
    while True:
        since: set[str] = set()
        for first in range(0, len(left_out), FINDINGS_MAX):
            asked = left_out[first : first + FINDINGS_MAX]
            async for entry in order.find({"commits": {"$in": asked}}, {"commits": 1}):
                since.update(entry["commits"])
        left_out = [commit_id for commit_id in left_out if commit_id not in since]
        if not left_out or monotonic() > deadline:
            return left_out[:FINDINGS_MAX]
        await asyncio.sleep(LOOK_SECONDS)


async def check_topic(
    topics: Topics, name: str, log: Log, *, settle_seconds: float = SETTLE_SECONDS
) -> list[Finding]:
    """Every fact of the order is in the topic, alike, and first occurrences are in its order.

    Repeats are allowed: the relay repeats a suffix when it starts again.
    """
    ends = await topics.ends([name])
    readers = {place[1]: _Partition(topics, place, end) for place, end in ends.items()}
    findings: list[Finding] = []
    waiting: list[Recorded] = []
    try:
        async for fact in log.in_order():
            found = await readers[fact.partition].find(fact)
            if found == "later":
                waiting.append(fact)
            elif found is not None:
                findings.append(Finding(found, f"{name}/{fact.partition} fact {fact.id}"))
            if len(findings) >= FINDINGS_MAX:
                return findings
        for partition, reader in readers.items():
            findings += [
                Finding("is in the topic and not in the log", f"{name}/{partition} fact {each}")
                for each in await reader.strangers()
            ]
    finally:
        for reader in readers.values():
            await reader.close()
    findings += await _arrived(topics, name, ends, waiting, settle_seconds)
    return findings


async def _arrived(
    topics: Topics,
    name: str,
    ends: dict[Place, int],
    waiting: list[Recorded],
    settle_seconds: float,
) -> list[Finding]:
    """Facts behind the ends that were captured may still be on their way."""
    deadline = monotonic() + settle_seconds
    missing = {(fact.partition, fact.position): fact for fact in waiting}
    while missing and monotonic() < deadline:
        now = await topics.ends([name])
        async for records in topics.read({place: (ends[place], now[place]) for place in now}):
            for record in records:
                missing.pop((record.partition, position_in(record.headers) or 0), None)
        ends = now
        await asyncio.sleep(LOOK_SECONDS)
    return [
        Finding("is in the log and not in the topic", f"{name}/{fact.partition} fact {fact.id}")
        for fact in list(missing.values())[:FINDINGS_MAX]
    ]


class _Partition:
    """Reads one partition's records one after another, without repeats."""

    def __init__(self, topics: Topics, place: Place, end: int) -> None:
        self._place = place
        self._records = _one_by_one(topics, place, end)
        self._last = 0
        self._strangers: list[str] = []
        self._ahead: ConsumerRecord | None = None

    async def find(self, fact: Recorded) -> str | None:
        """What is wrong with this fact's record: None nothing, "later" not before the end."""
        while True:
            record = self._ahead or await anext(self._records, None)
            self._ahead = None
            if record is None:
                return "later"
            position = position_in(record.headers)
            if position is None or position <= self._last:
                continue
            if position > fact.position:
                self._ahead = record
                return "is in the log and not in the topic, or out of order"
            self._last = position
            if position == fact.position:
                return self._compared(record, fact)
            self._note_stranger(record)

    async def strangers(self) -> list[str]:
        """The ids of facts of the topic, up to its end, that the log does not have."""
        while record := self._ahead or await anext(self._records, None):
            self._ahead = None
            if (position_in(record.headers) or 0) > self._last:
                self._note_stranger(record)
        return self._strangers

    def _note_stranger(self, record: ConsumerRecord) -> None:
        """A fact this process cannot read is left out of the log's reading too: say nothing."""
        try:
            self._strangers.append(decode(record.headers, record.value, *self._place).id)
        except (UnknownEvent, ValueError):
            return

    def _compared(self, record: ConsumerRecord, fact: Recorded) -> str | None:
        try:
            same = decode(record.headers, record.value, *self._place) == fact
        except (UnknownEvent, ValueError) as error:
            return f"its record cannot be read: {type(error).__name__}"
        if same and record.key == fact.event.key.encode():
            return None
        return f"its record at offset {record.offset} says something else"

    async def close(self) -> None:
        """Leave the broker."""
        await self._records.aclose()


async def _one_by_one(
    topics: Topics, place: Place, end: int
) -> AsyncGenerator[ConsumerRecord, None]:
    async with aclosing(topics.read({place: (0, end)})) as batches:
        async for records in batches:
            for record in records:
                yield record
