"""Keeps a view's rows right through repeats, races, crashes and facts that cannot be applied."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import cast

import structlog
from prometheus_client import Counter, Gauge, Histogram

from libs.database import (
    DUPLICATE_KEY,
    BulkWriteError,
    Database,
    Document,
    InsertOne,
    PyMongoError,
    ReplaceOne,
    as_bson,
)
from libs.events.base import Recorded
from libs.views.fold import (
    Failure,
    Folded,
    before,
    collection_of,
    fold,
    rows_touched,
    seen_of,
    unseen,
)
from libs.views.parking import Parked, Parking
from libs.views.patience import is_transient, passing_code, patiently
from libs.views.view import Row, View

# A row's facts of a batch are folded together, in rounds so small that others get their turn.
ROWS_PER_PORTION = 10_000
ROWS_PER_ROUND = 500
ROUNDS_MAX = 200
ROUNDS_AT_ONCE = 2

log = structlog.get_logger()

_folded = Counter("phonebank_view_facts", "Facts folded into rows, once for each row.", ["view"])
_collisions = Counter(
    "phonebank_view_collisions", "Rows folded again: another writer was faster.", ["view"]
)
_lag = Gauge("phonebank_view_lag_seconds", "Age of the last fact folded.", ["view"])
_batch = Histogram(
    "phonebank_view_batch_facts",
    "Facts in one batch.",
    ["view"],
    buckets=(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000),
)
_seconds = Histogram(
    "phonebank_view_batch_seconds",
    "From a batch to its rows on disk.",
    ["view"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)

Work = dict[str, list[Recorded]]
Operation = InsertOne[Document] | ReplaceOne[Document]


class NeverSettled(RuntimeError):
    """Rows lost every race for too long; the process ends and starts afresh."""


class ViewRunner:
    """Folds batches of facts into the rows of one view, whoever else does the same.

    What makes it right: a row says what it has `seen` of each partition and is replaced only as
    the revision it was read as, so a repeated suffix, a zombie and a race change nothing.
    """

    def __init__(
        self,
        view: View,
        database: Database,
        parking: Parking,
        now: Callable[[], datetime],
    ) -> None:
        self.view = view
        self.name = collection_of(view)
        self.types = frozenset(event.TYPE for event in view.listens)
        self._listens = frozenset(view.listens)
        self._rows = database[self.name]
        self._parking = parking
        self._now = now

    async def prepare(self) -> None:
        """Make the indexes that the view's questions need."""
        for index in self.view.indexes:
            options: Document = {"unique": True} if index.unique else {}
            if index.partial is not None:
                options["partialFilterExpression"] = index.partial
            await patiently(
                partial(self._rows.create_index, list(index.keys), **options),
                asking=f"index of {self.name}",
            )

    async def apply(self, batch: Sequence[Recorded]) -> None:
        """Return when every fact of the batch is in its rows, durably, or parked.

        The batch may repeat facts and mix partitions; those of one partition are in order. Raises
        NeverSettled, and what MongoDB says when it will not pass by itself.
        """
        facts = [fact for fact in batch if type(fact.event) in self._listens]
        if not facts:
            return
        started = perf_counter()
        _batch.labels(self.name).observe(len(facts))
        for work, unreadable in self._portions(facts):
            rows = list(work)
            for start in range(0, len(rows), ROWS_PER_ROUND):
                await self._settle({row: work[row] for row in rows[start : start + ROWS_PER_ROUND]})
            if unreadable is not None:
                await self._parking.park([unreadable])
        age = self._now() - facts[-1].at
        _lag.labels(self.name).set(max(0.0, age.total_seconds()))
        _seconds.labels(self.name).observe(perf_counter() - started)

    async def park_unreadable(self, entry: Parked) -> None:
        """Set aside a fact this process cannot decode; later ones with its Kafka key follow it."""
        await self._parking.park([entry])

    def _portions(self, facts: Sequence[Recorded]) -> Iterator[tuple[Work, Parked | None]]:
        """The batch by row, cut where it has very many, and before a fact without rows."""
        work: Work = {}
        for fact in facts:
            try:
                rows = rows_touched(self.view, fact)
            except Exception as error:  # noqa: BLE001 - whatever it raises, other facts go on.
                yield work, Parked.fact(self.name, None, fact, type(error).__name__)
                work = {}
                continue
            for row in rows:
                work.setdefault(row, []).append(fact)
            if len(work) >= ROWS_PER_PORTION:
                yield work, None
                work = {}
        yield work, None

    async def _settle(self, work: Work) -> None:
        if work and self._parking.any_held():
            held = (fact for facts in work.values() for fact in facts)
            await self._parking.confirm(self.name, work, held)
        stops: dict[str, Failure] = {}
        slowly: set[str] = set()
        for round_number in range(ROUNDS_MAX):
            if not work:
                return
            if round_number > ROUNDS_AT_ONCE:
                await asyncio.sleep(random.uniform(0, 0.002 * round_number))  # noqa: S311
            stored = await patiently(partial(self._read, list(work)), asking=self.name)
            ready, aside, work_again = self._fold_all(work, stored, stops, slowly)
            losers = await self._write(ready, stops)
            work_again |= {row: work[row] for row in losers}
            # A loser's facts may yet turn out to have been folded by the winner.
            await self._parking.park(
                [entry for row, entries in aside.items() if row not in losers for entry in entries]
            )
            work = work_again
        raise NeverSettled(self.name)

    async def _read(self, rows: list[str]) -> dict[str, Row]:
        found = await self._rows.find({"_id": {"$in": rows}}, batch_size=len(rows)).to_list()
        return {row["_id"]: row for row in found}

    def _fold_all(
        self,
        work: Work,
        stored: Mapping[str, Row],
        stops: dict[str, Failure],
        slowly: set[str],
    ) -> tuple[dict[str, Folded], dict[str, list[Parked]], Work]:
        """Rows to write, facts to park by row, rows to do again."""
        ready: dict[str, Folded] = {}
        aside: dict[str, list[Parked]] = {}
        again: Work = {}
        for row_id, facts in work.items():
            row = stored.get(row_id)
            stop = self._stop(row_id, row, facts, stops)
            until = before(facts, stop.fact) if stop else len(facts)
            if stop:
                seen = seen_of(row)
                aside[row_id] = [
                    Parked.fact(
                        self.name,
                        row_id,
                        fact,
                        stop.reason if fact is stop.fact else "follows a parked fact",
                    )
                    for fact in facts[until:]
                    if unseen(seen, fact)
                ]
            folded = fold(self.view, row_id, row, facts[:until], slowly=row_id in slowly)
            if folded.failure:
                if folded.failure.is_guess:
                    slowly.add(row_id)
                else:
                    stops[row_id] = folded.failure
                aside.pop(row_id, None)
                again[row_id] = facts
            elif folded.row is not None and folded.facts:
                ready[row_id] = folded
        return ready, aside, again

    def _stop(
        self, row_id: str, row: Row | None, facts: Sequence[Recorded], stops: Mapping[str, Failure]
    ) -> Failure | None:
        """The first fact that must not be folded: one that failed, or one behind a parked one."""
        seen = seen_of(row)
        failed = stops.get(row_id)
        if failed and not unseen(seen, failed.fact):
            failed = None
        if not self._parking.any_held():
            return failed
        held = self._parking.holds_row(self.name, row_id)
        for fact in facts:
            if failed and fact is failed.fact:
                return failed
            if unseen(seen, fact) and (
                held or self._parking.holds_key(self.name, fact.topic, fact.event.key)
            ):
                return Failure(fact, "follows a parked fact")
        return failed

    async def _write(self, ready: Mapping[str, Folded], stops: dict[str, Failure]) -> set[str]:
        """Replace the rows as they were read; the ids of those to be read and folded again."""
        operations: list[Operation] = []
        written: list[str] = []
        again: set[str] = set()
        for row_id, folded in ready.items():
            row = cast("Row", folded.row)
            rev = row["rev"]
            row["rev"] = rev + 1
            try:
                document = as_bson(row)
            except ValueError as error:
                stops[row_id] = Failure(cast("Recorded", folded.first), str(error))
                again.add(row_id)
                continue
            # A row that was not there is inserted: an upsert would look for it once more. Where it
            # is there by now both fail with its id, and it is read again.
            operations.append(
                ReplaceOne({"_id": row_id, "rev": rev}, document, upsert=True)
                if rev
                else InsertOne(cast("Document", document))
            )
            written.append(row_id)
        if operations:
            again |= await self._replace(operations, written, ready, stops)
        counted = sum(folded.facts for row_id, folded in ready.items() if row_id not in again)
        _folded.labels(self.name).inc(counted)
        return again

    async def _replace(
        self,
        operations: Sequence[Operation],
        written: Sequence[str],
        ready: Mapping[str, Folded],
        stops: dict[str, Failure],
    ) -> set[str]:
        """One unordered write; the ids of the rows that were not replaced, or perhaps not."""
        try:
            await self._rows.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            if details.get("writeConcernErrors"):
                return set(written)
            return {
                self._lost(written[at["index"]], at, ready, stops) for at in details["writeErrors"]
            }
        except PyMongoError as error:
            if not is_transient(error):
                raise
            log.warning("rows written again", view=self.name, reason=type(error).__name__)
            return set(written)
        return set()

    def _lost(
        self, row_id: str, fault: Document, ready: Mapping[str, Folded], stops: dict[str, Failure]
    ) -> str:
        """Why one row was refused: a race (read it again), or something only a replay can mend."""
        race = fault["code"] == DUPLICATE_KEY and "_id" in fault.get("keyPattern", {})
        if race:
            _collisions.labels(self.name).inc()
        elif not passing_code(fault["code"]):
            first = cast("Recorded", ready[row_id].first)
            stops[row_id] = Failure(first, f"MongoDB refuses the row: code {fault['code']}")
        return row_id
