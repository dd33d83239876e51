"""Makes one row anew from the logs while the system runs, and lets its parked facts go."""

from collections.abc import Sequence

from libs.database import Database, Document, DuplicateKeyError
from libs.events.base import Recorded
from libs.eventstore.store import Log
from libs.views.fold import collection_of, fold, rows_touched
from libs.views.parking import Parked, Parking
from libs.views.reactions import PolicyRunner
from libs.views.view import Row, View

ROUNDS_MAX = 50

FactPlace = tuple[str, int]


class CannotReplay(Exception):
    """The row stays as it is and its facts stay parked; the message says why."""


class _RowFromLogs:
    """A row folded from the logs, which can be read on as they grow."""

    def __init__(self, view: View, row_id: str, logs: Sequence[Log]) -> None:
        self._view = view
        self._row_id = row_id
        self._logs = logs
        self._listens = frozenset(view.listens)
        self._after = [0] * len(logs)
        self.row: Row | None = None
        self.met: set[FactPlace] = set()

    async def read_on(self) -> None:
        """Fold what is new in the logs. Raises CannotReplay when the fold still fails."""
        for index, log in enumerate(self._logs):
            async for fact in log.in_order(self._after[index]):
                self._after[index] = fact.position
                if type(fact.event) in self._listens:
                    self._take(fact)

    def _take(self, fact: Recorded) -> None:
        if self._row_id not in rows_touched(self._view, fact):
            return
        folded = fold(self._view, self._row_id, self.row, [fact])
        if folded.failure:
            raise CannotReplay(
                f"{collection_of(self._view)} row {self._row_id}: the fold still fails at"
                f" {fact.id} ({folded.failure.reason}); mend the view and replay again"
            )
        self.row = folded.row
        self.met.add((fact.topic, fact.position))


async def replay_row(
    view: View, row_id: str, database: Database, parking: Parking, logs: Sequence[Log]
) -> None:
    """Fold a row from the logs of its publishers, replace it, and free what was parked for it.

    Workers may go on meanwhile: the row is replaced only as it was read, and by one that has seen
    at least as much. Raises CannotReplay and changes nothing when the fold still fails or a
    parked fact still cannot be read.
    """
    name = collection_of(view)
    rows = database[name]
    made = _RowFromLogs(view, row_id, logs)
    for _ in range(ROUNDS_MAX):
        await made.read_on()
        parked = await parking.of_row(name, row_id)
        _all_met(parked, made.met)
        stored = await rows.find_one({"_id": row_id})
        if stored and _further(stored, made.row):
            continue
        if not await _replaced(database, name, stored, made.row):
            continue
        await parking.release(parked)
        if not await parking.of_row(name, row_id):
            return
    raise CannotReplay(f"{name} row {row_id}: it moves faster than it can be replayed; try again")


async def replay_key(
    view: View, kafka_key: str, database: Database, parking: Parking, logs: Sequence[Log]
) -> None:
    """Replay every row that facts with this Kafka key touch, once all of them can be read."""
    name = collection_of(view)
    listens = frozenset(view.listens)
    for _ in range(ROUNDS_MAX):
        entries = await parking.of_key(name, kafka_key)
        if not entries:
            return
        met: set[FactPlace] = set()
        rows = {entry.row for entry in entries if entry.row is not None}
        for log in logs:
            async for fact in log.in_order():
                if type(fact.event) in listens and fact.event.key == kafka_key:
                    met.add((fact.topic, fact.position))
                    rows.update(rows_touched(view, fact))
        unread = [entry for entry in entries if entry.row is None]
        _all_met(unread, met)
        for row_id in sorted(rows):
            await replay_row(view, row_id, database, parking, logs)
        await parking.release(unread)
    raise CannotReplay(f"{name} key {kafka_key}: new facts keep being parked; try again")


async def replay_reactions(
    runner: PolicyRunner, kafka_key: str, parking: Parking, logs: Sequence[Log]
) -> None:
    """React to the parked facts of a Kafka key, in the order of the log, and free each."""
    for _ in range(ROUNDS_MAX):
        entries = await parking.of_key(runner.name, kafka_key)
        if not entries:
            return
        waiting = {(entry.topic, entry.position): entry for entry in entries}
        for log in logs:
            async for fact in log.in_order():
                entry = waiting.pop((fact.topic, fact.position), None)
                if entry is None:
                    continue
                reason = await runner.react(fact)
                if reason is not None:
                    raise CannotReplay(f"{runner.name}: {fact.id} still fails ({reason})")
                await parking.release([entry])
        if waiting:
            raise CannotReplay(_unmet(next(iter(waiting.values()))))
    raise CannotReplay(f"{runner.name} key {kafka_key}: new facts keep being parked; try again")


def _all_met(parked: Sequence[Parked], met: set[FactPlace]) -> None:
    """A parked fact that the logs did not give is one this program cannot read: keep everything."""
    for entry in parked:
        if (entry.topic, entry.position) not in met:
            raise CannotReplay(_unmet(entry))


def _unmet(entry: Parked) -> str:
    return (
        f"{entry.view}: fact {entry.fact_id} ({entry.type}) cannot be read by this version of the"
        " program, or is not in the logs given; run the newer version and replay again"
    )


def _further(stored: Document, made: Row | None) -> bool:
    """Whether the stored row has seen a fact that the one made has not."""
    seen = made["seen"] if made else {}
    return any(position > seen.get(label, 0) for label, position in stored["seen"].items())


async def _replaced(
    database: Database, name: str, stored: Document | None, made: Row | None
) -> bool:
    """Put the row in the place of the stored one, unless that has moved."""
    rows = database[name]
    rev = stored["rev"] if stored else 0
    if made is None:
        if stored is None:
            return True
        return bool((await rows.delete_one({"_id": stored["_id"], "rev": rev})).deleted_count)
    row = made | {"rev": rev + 1}
    try:
        await rows.replace_one({"_id": row["_id"], "rev": rev}, row, upsert=True)
    except DuplicateKeyError:
        return False
    return True
