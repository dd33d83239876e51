"""Compares a view with its facts, field by field, while the system runs, and mends what differs."""

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from libs.database import Database, as_read_back
from libs.events.base import Recorded
from libs.eventstore.store import Log
from libs.views.fold import (
    ENVELOPE,
    Seen,
    collection_of,
    fold,
    label_of,
    rows_touched,
    unseen,
)
from libs.views.parking import Parking
from libs.views.replay import replay_row
from libs.views.view import Row, View

SETTLE_SECONDS = 10.0
LOOK_SECONDS = 0.2


class Kind(StrEnum):
    """In which way a row is not what its facts make of it."""

    FIELDS = "fields"  # The facts it has seen make other fields.
    BEHIND = "behind"  # It lacks a fact although later ones of that partition are in other rows.
    MISSING = "missing"  # The facts make a row and there is none.
    EXTRA = "extra"  # There is a row and the facts make none.
    UNFOLDABLE = "unfoldable"  # The fold fails at a fact that is not parked.


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what its facts make of it, and the names of the fields that differ."""

    view: str
    row: str
    kind: Kind
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.view} row {self.row}: {self.kind}{named}"


@dataclass(slots=True)
class Report:
    """What was compared, and what differs. `parked_rows` were not: they wait for a replay."""

    view: str
    rows: int = 0
    facts: int = 0
    parked_rows: int = 0
    differences: list[Difference] = field(default_factory=list)


async def verify(
    view: View,
    database: Database,
    logs: Sequence[Log],
    *,
    slices: int = 1,
    settle_seconds: float = SETTLE_SECONDS,
) -> Report:
    """Replay the logs beside the rows, each row up to its own `seen`, and compare.

    `logs` are those of all publishers the view listens to. A row that seems to lack a fact is
    read again until `settle_seconds` have passed, for a batch may be half-way. `slices` trades
    passes over the logs for memory: the rows of a slice are held twice.
    """
    report = Report(collection_of(view))
    for number in range(slices):
        found = _Pass(view, database, logs, slice_of=(number, slices))
        await found.run()
        report.rows += len(found.stored)
        report.facts += found.facts
        report.parked_rows += len(found.parked_rows)
        report.differences += found.definite
        report.differences += await _settled(found, settle_seconds)
    return report


async def _settled(first: "_Pass", settle_seconds: float) -> list[Difference]:
    """The differences that do not pass by themselves."""
    latest, deadline = first, monotonic() + settle_seconds
    while latest.passing and monotonic() < deadline:
        await asyncio.sleep(LOOK_SECONDS)
        only = frozenset(difference.row for difference in latest.passing)
        latest = latest.again(only)
        await latest.run()
        if latest.definite:
            return latest.definite + latest.passing
    return latest.passing


class _Pass:
    """One reading of the rows, then of the logs."""

    def __init__(
        self,
        view: View,
        database: Database,
        logs: Sequence[Log],
        *,
        slice_of: tuple[int, int] = (0, 1),
        only: frozenset[str] | None = None,
    ) -> None:
        self._view = view
        self._database = database
        self._logs = logs
        self._slice_of = slice_of
        self._only = only
        self._listens = frozenset(view.listens)
        self._name = collection_of(view)
        self.stored: dict[str, Row] = {}
        self.parked_rows: set[str] = set()
        self.facts = 0
        self.definite: list[Difference] = []
        self.passing: list[Difference] = []
        self._reached: Seen = {}
        self._made: dict[str, Row | None] = {}
        self._late: dict[str, list[Recorded]] = {}
        self._failed: set[str] = set()

    def again(self, only: frozenset[str]) -> "_Pass":
        """The same pass over these rows alone, as they are now."""
        return _Pass(self._view, self._database, self._logs, slice_of=self._slice_of, only=only)

    async def run(self) -> None:
        """Fill `definite` (a row is one document: what differs, differs) and `passing`."""
        await self._read_rows()
        parked = await self._database["parked"].find({"view": self._name}).to_list()
        self.parked_rows = {entry["row"] for entry in parked if entry["row"] is not None}
        # Which rows these would have touched was not known when they were parked.
        places = {(entry["topic"], entry["position"]) for entry in parked if entry["row"] is None}
        for log in self._logs:
            async for fact in log.in_order():
                if type(fact.event) in self._listens:
                    self.facts += 1
                    self._take(fact, parked=(fact.topic, fact.position) in places)
        for row_id in self.stored.keys() | self._made.keys() | self._failed:
            if row_id not in self.parked_rows:
                self._judge(row_id)

    async def _read_rows(self) -> None:
        async for row in self._database[self._name].find({}):
            for label, position in row["seen"].items():
                self._reached[label] = max(position, self._reached.get(label, 0))
            if self._wanted(row["_id"]):
                self.stored[row["_id"]] = row

    def _wanted(self, row_id: str) -> bool:
        if self._only is not None:
            return row_id in self._only
        number, slices = self._slice_of
        return slices == 1 or zlib.crc32(row_id.encode()) % slices == number

    def _take(self, fact: Recorded, *, parked: bool) -> None:
        for row_id in rows_touched(self._view, fact):
            if not self._wanted(row_id):
                continue
            if parked:
                self.parked_rows.add(row_id)
            row = self.stored.get(row_id)
            reached = fact.position <= self._reached.get(label_of(fact.topic, fact.partition), 0)
            if reached if row is None else not unseen(row["seen"], fact):
                self._fold(row_id, fact)
            elif reached and row is not None:
                self._late.setdefault(row_id, []).append(fact)

    def _fold(self, row_id: str, fact: Recorded) -> None:
        if row_id in self._failed:
            return
        folded = fold(self._view, row_id, self._made.get(row_id), [fact])
        if folded.failure:
            self._failed.add(row_id)
        else:
            self._made[row_id] = folded.row

    def _judge(self, row_id: str) -> None:
        stored, made = self.stored.get(row_id), self._made.get(row_id)
        if row_id in self._failed:
            self._differs(self.definite, row_id, Kind.UNFOLDABLE)
        elif stored is None:
            if made is not None:
                self._differs(self.passing, row_id, Kind.MISSING)
        elif made is None:
            self._differs(self.definite, row_id, Kind.EXTRA)
        elif fields := _different(stored, as_read_back(made)):
            self._differs(self.definite, row_id, Kind.FIELDS, fields)
        elif late := self._late.get(row_id):
            # A fact may rightly have found no row to change; it is missed if it changes this one.
            after = fold(self._view, row_id, as_read_back(made), late)
            if after.failure:
                self._differs(self.passing, row_id, Kind.BEHIND)
            elif after.row is not None:
                fields = _different(stored, as_read_back(after.row))
                if fields:
                    self._differs(self.passing, row_id, Kind.BEHIND, fields)

    def _differs(
        self, to: list[Difference], row_id: str, kind: Kind, fields: tuple[str, ...] = ()
    ) -> None:
        to.append(Difference(self._name, row_id, kind, fields))


def _different(stored: Row, made: Row) -> tuple[str, ...]:
    names = (stored.keys() | made.keys()) - set(ENVELOPE)
    missing = object()
    return tuple(
        sorted(name for name in names if stored.get(name, missing) != made.get(name, missing))
    )


async def repair(
    view: View, row_id: str, database: Database, parking: Parking, logs: Sequence[Log]
) -> None:
    """Make one row what the logs say. Raises CannotReplay when they cannot be folded."""
    await replay_row(view, row_id, database, parking, logs)
