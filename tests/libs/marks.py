"""Two publishers whose facts meet in the same rows, and an independent recount of those rows."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.events.base import Event, Recorded
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import Commit, Meta
from libs.views.view import Index, Row

AT = datetime(2026, 10, 3, 18, 30, tzinfo=UTC)


class Marked(Event, type="left.marked", version=1, key="thing_id"):
    """A thing of a group was marked."""

    thing_id: str
    group_id: str
    serial: int


class Noted(Event, type="right.noted", version=1, key="thing_id"):
    """The same things, from another publisher."""

    thing_id: str
    group_id: str
    serial: int


class Marks:
    """One row a thing and one a group: which serials came, by publisher and partition."""

    name = "marks"
    version = 1
    listens = (Marked, Noted)
    indexes = (Index([("total", 1)]), Index([("latest_at", 1)], partial={"total": {"$gt": 1}}))

    def __init__(self, *, fails_at: Iterable[int] = ()) -> None:
        self.fails_at = frozenset(fails_at)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The thing's row and the group's."""
        match fact.event:
            case Marked() | Noted() as event:
                yield f"thing/{event.thing_id}"
                yield f"group/{event.group_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Alters the row before it fails, as a real fold would."""
        match fact.event:
            case Marked() | Noted() as event:
                row = row or {"total": 0, "parts": {}, "latest_at": fact.at}
                row["total"] += 1
                part = f"{event.TYPE.partition('.')[0]}-{fact.partition}"
                row["parts"].setdefault(part, []).append(event.serial)
                if event.serial in self.fails_at and row.get("_id", "thing").startswith("thing"):
                    raise ValueError(event.serial)
                row["latest_at"] = max(row["latest_at"], fact.at)
        return row


def recount(facts: Iterable[Recorded]) -> dict[str, dict[str, Any]]:
    """What the rows must say, from the facts in their order, without any fold."""
    rows: dict[str, dict[str, Any]] = defaultdict(lambda: {"total": 0, "parts": defaultdict(list)})
    for fact in facts:
        event: Any = fact.event
        for row_id in (f"thing/{event.thing_id}", f"group/{event.group_id}"):
            row = rows[row_id]
            row["total"] += 1
            row["parts"][f"{event.TYPE.partition('.')[0]}-{fact.partition}"].append(event.serial)
            row["latest_at"] = max(row.get("latest_at", fact.at), fact.at)
    return {row_id: row | {"parts": dict(row["parts"])} for row_id, row in rows.items()}


async def marked_log(
    event: type[Event],
    serials: Iterable[int],
    *,
    things: int = 10,
    groups: int = 2,
    partitions: int = 3,
) -> MemoryLog:
    """A publisher's log: one fact a commit, thing and group told by the serial."""
    publisher = event.TYPE.partition(".")[0]
    log = MemoryLog(f"{publisher}.events", partitions)
    for serial in serials:
        await mark(log, event, serial, things=things, groups=groups)
    return log


async def mark(
    log: MemoryLog, event: type[Event], serial: int, *, things: int = 10, groups: int = 2
) -> None:
    """Append one more fact."""
    fact = event(
        thing_id=f"t{serial % things}", group_id=f"g{serial % things % groups}", serial=serial
    )
    stream = f"{event.TYPE}-{serial}"
    meta = Meta(AT + timedelta(seconds=serial), "caller-1", correlation_id=f"request-{serial}")
    await log.append(Commit(f"commit-{stream}", stream, 1, (fact,), meta))


async def all_of(*logs: MemoryLog) -> list[Recorded]:
    """The facts of the logs, one log after the other."""
    return [fact for log in logs for fact in [fact async for fact in log.in_order()]]


def interleaved(facts: Sequence[Recorded], chance: random.Random) -> list[Recorded]:
    """An order a worker may see: partitions in order, all of them mixed, suffixes twice."""
    lanes: dict[tuple[str, int], list[Recorded]] = defaultdict(list)
    for fact in facts:
        lanes[fact.topic, fact.partition].append(fact)
    places = dict.fromkeys(lanes, 0)
    seen: list[Recorded] = []
    while open_lanes := [lane for lane, place in places.items() if place < len(lanes[lane])]:
        lane = chance.choice(open_lanes)
        seen.append(lanes[lane][places[lane]])
        places[lane] += 1
        if chance.random() < 0.05:
            places[lane] = max(0, places[lane] - chance.randrange(8))
    return seen


def batches(facts: Sequence[Recorded], chance: random.Random) -> list[list[Recorded]]:
    """The facts cut at random."""
    cut: list[list[Recorded]] = []
    start = 0
    while start < len(facts):
        size = chance.randrange(1, 40)
        cut.append(list(facts[start : start + size]))
        start += size
    return cut
