"""The log in MongoDB: one document a commit, many commits a round trip."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

import structlog
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from libs.database import (
    ASCENDING,
    DUPLICATE_KEY,
    TRANSIENT,
    BulkWriteError,
    Database,
    Document,
)
from libs.events.base import Event, Recorded, UnknownEvent, UnsupportedVersion
from libs.eventstore.documents import facts_of, recorded, to_commit, to_document
from libs.eventstore.indexes import make_indexes
from libs.eventstore.position import (
    FACTS_PER_COMMIT_MAX,
    PARTITIONS_DEFAULT,
    order_number,
)
from libs.eventstore.store import ClaimTaken, Commit, History, StreamMoved

BATCH_COMMITS_MAX = 500
RETRY_SECONDS_FIRST = 0.05
RETRY_SECONDS_MAX = 2.0
ORDERS_PER_READ = 50

log = structlog.get_logger()

_append_seconds = Histogram(
    "phonebank_append_seconds",
    "From handing a batch of commits to MongoDB to its answer.",
    ["database"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
_batch_commits = Histogram(
    "phonebank_append_batch_commits",
    "Commits gathered into one insert.",
    ["database"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
_conflicts = Counter(
    "phonebank_append_conflicts", "Appends refused by an index.", ["database", "index"]
)
_unknown = Counter(
    "phonebank_append_unknown_outcomes",
    "Batches sent again: no answer came.",
    ["database"],
)


@dataclass(slots=True)
class _Waiting:
    commit: Commit
    document: Document
    answer: asyncio.Future[Commit]


class MongoLog:
    """The `Log` over a service's `commits` and `order` collections.

    Group commit: while one insert is in flight, the appends that arrive gather into the next. Two
    appends to one stream never share a batch, so the later one meets the earlier one's version.
    """

    def __init__(
        self, database: Database, topic: str, partitions: int = PARTITIONS_DEFAULT
    ) -> None:
        self._commits = database["commits"]
        self._order = database["order"]
        self._database = database
        self._topic = topic
        self._partitions = partitions
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._asked: dict[str, list[asyncio.Future[History]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """See that the indexes that the promises rest on are there; see `make_indexes`."""
        await make_indexes(self._database)

    async def close(self) -> None:
        """Stop the writer; appends still waiting are cancelled, their callers were told nothing."""
        for task in (self._writer, self._reader):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        for waiting in self._waiting:
            waiting.answer.cancel()

    async def ping(self) -> None:
        """Ask the primary whether it takes writes."""
        hello = await self._database.command("hello")
        if not hello.get("isWritablePrimary"):
            raise ConnectionError("no writable primary")

    async def append(self, commit: Commit) -> Commit:
        """Record a commit once; see `Log.append`."""
        if len(commit.facts) > FACTS_PER_COMMIT_MAX:
            message = f"a commit holds at most {FACTS_PER_COMMIT_MAX} facts"
            raise ValueError(message)
        loop = asyncio.get_running_loop()
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write(), name="group commit")
        waiting = _Waiting(commit, to_document(commit), loop.create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def read(self, stream: str) -> History:
        """All facts of a stream; reads that are asked for side by side share one round trip."""
        loop = asyncio.get_running_loop()
        asked = loop.create_future()
        self._asked.setdefault(stream, []).append(asked)
        if self._reader is None or self._reader.done():
            self._reader = loop.create_task(self._read_asked(), name="group read")
        history: History = await asked
        return history

    async def _read_asked(self) -> None:
        while self._asked:
            # Only those that ask before the question is sent may have its answer.
            asked, self._asked = self._asked, {}
            try:
                found = await self.read_many(asked)
            except Exception:  # noqa: BLE001 - the one stream at fault is found by asking each.
                for stream, waiting in asked.items():
                    await self._read_alone(stream, waiting)
                continue
            for stream, waiting in asked.items():
                _tell(waiting, found.get(stream, History()))

    async def _read_alone(self, stream: str, waiting: Sequence[asyncio.Future[History]]) -> None:
        try:
            found = await self.read_many([stream])
        except Exception as error:  # noqa: BLE001 - whoever asked is told.
            _tell(waiting, error=error)
        else:
            _tell(waiting, found.get(stream, History()))

    async def read_many(self, streams: Iterable[str]) -> dict[str, History]:
        """Several streams in one round trip."""
        wanted = list(streams)
        cursor = self._commits.find(
            {"stream": {"$in": wanted} if len(wanted) != 1 else wanted[0]},
            {"stream": 1, "version": 1, "facts": 1},
        ).sort([("stream", ASCENDING), ("version", ASCENDING)])
        facts: dict[str, list[Event]] = {}
        versions: dict[str, int] = {}
        for document in await cursor.to_list():
            stream = document["stream"]
            facts.setdefault(stream, []).extend(facts_of(document))
            versions[stream] = document["version"]
        return {stream: History(versions[stream], tuple(facts[stream])) for stream in facts}

    async def find(self, commit_id: str) -> Commit | None:
        """The commit recorded under this id."""
        document = await self._commits.find_one({"_id": commit_id})
        return to_commit(document) if document else None

    async def claimed(self, claim: str) -> Commit | None:
        """The commit that holds this claim."""
        document = await self._commits.find_one({"claims": claim})
        return to_commit(document) if document else None

    async def latest_claim(self, prefix: str) -> Commit | None:
        """The commit that holds the highest claim that starts with `prefix`."""
        # $elemMatch, or an index over arrays would take each bound from another claim.
        within = {"$elemMatch": {"$gte": prefix, "$lt": prefix + "\U0010ffff"}}
        document = await self._commits.find_one({"claims": within}, sort=[("claims", -1)])
        return to_commit(document) if document else None

    async def in_order(self, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        """The facts in the relay's order; one this process cannot read is left out and logged."""
        numbers: dict[str, int] = {"$gte": order_number(after)}
        if up_to is not None:
            numbers["$lte"] = order_number(up_to)
        entries = self._order.find({"_id": numbers}).sort("_id", ASCENDING)
        while chunk := await entries.to_list(ORDERS_PER_READ):
            for fact in self._decoded(chunk, await self._documents(chunk)):
                if fact.position > after and (up_to is None or fact.position <= up_to):
                    yield fact

    async def _documents(self, entries: Sequence[Document]) -> dict[str, Document]:
        ids = [commit_id for entry in entries for commit_id in entry["commits"]]
        found = await self._commits.find({"_id": {"$in": ids}}).to_list()
        return {document["_id"]: document for document in found}

    def _decoded(
        self, entries: Sequence[Document], documents: dict[str, Document]
    ) -> Iterable[Recorded]:
        for entry in entries:
            for place, commit_id in enumerate(entry["commits"]):
                document = documents[commit_id]
                for index in range(len(document["facts"])):
                    try:
                        yield recorded(
                            document,
                            entry["_id"],
                            place,
                            index,
                            self._topic,
                            self._partitions,
                        )
                    except UnknownEvent:
                        continue  # A private fact of its publisher, or one we have no use for.
                    except (UnsupportedVersion, ValidationError) as error:
                        log.warning(
                            "fact not readable here",
                            fact=f"{commit_id}:{index}",
                            reason=str(error),
                        )

    async def _write(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while batch := self._next_batch():
                try:
                    await self._insert(batch)
                except Exception as error:  # noqa: BLE001 - a waiter must never wait for ever.
                    for waiting in batch:
                        if not waiting.answer.done():
                            waiting.answer.set_exception(error)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        streams: set[str] = set()
        later: list[_Waiting] = []
        while self._waiting and len(batch) < BATCH_COMMITS_MAX:
            waiting = self._waiting.popleft()
            if waiting.commit.stream in streams:
                later.append(waiting)
                continue
            streams.add(waiting.commit.stream)
            batch.append(waiting)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _insert(self, batch: Sequence[_Waiting]) -> None:
        """Send until answered: after a lost answer the outcome of the whole batch is unknown."""
        pause_seconds = RETRY_SECONDS_FIRST
        sent_before = False
        while True:
            started = perf_counter()
            errors: dict[int, Document] = {}
            try:
                await self._commits.insert_many([w.document for w in batch], ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                errors = {fault["index"]: fault for fault in details["writeErrors"]}
                known = not details.get("writeConcernErrors") and all(
                    fault["code"] == DUPLICATE_KEY for fault in errors.values()
                )
                if not known:
                    log.warning("append outcome unknown", reason="write concern or write error")
            except TRANSIENT as error:
                known = False
                log.warning("append outcome unknown", reason=type(error).__name__)
            else:
                known = True
            name = self._database.name
            _append_seconds.labels(name).observe(perf_counter() - started)
            _batch_commits.labels(name).observe(len(batch))
            if known:
                await self._answer(batch, errors, sent_before=sent_before)
                return
            _unknown.labels(name).inc()
            sent_before = True
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, RETRY_SECONDS_MAX)

    async def _answer(
        self,
        batch: Sequence[_Waiting],
        errors: dict[int, Document],
        *,
        sent_before: bool,
    ) -> None:
        for index, waiting in enumerate(batch):
            fault = errors.get(index)
            if fault is None:
                _resolve(waiting, waiting.commit)
            else:
                await self._answer_duplicate(waiting, fault, sent_before=sent_before)

    async def _answer_duplicate(
        self, waiting: _Waiting, fault: Document, *, sent_before: bool
    ) -> None:
        """Which index said no? A duplicate `_id`: recorded before, perhaps by this very send."""
        index = next(iter(fault.get("keyPattern", {"_id": 1})))
        # The failed write waited for its write concern, so what it met is durable and seen here.
        stored = await self._commits.find_one({"_id": waiting.commit.id})
        if stored is not None:
            mine = sent_before and stored == waiting.document
            _resolve(waiting, waiting.commit if mine else to_commit(stored))
            return
        _conflicts.labels(self._database.name, index).inc()
        if index == "claims":
            _reject(waiting, ClaimTaken(str(fault.get("keyValue", {}).get("claims", ""))))
        else:
            _reject(waiting, StreamMoved())


def _tell(
    waiting: Sequence[asyncio.Future[History]],
    history: History | None = None,
    error: Exception | None = None,
) -> None:
    for asked in waiting:
        if asked.done():
            continue
        if history is not None:
            asked.set_result(history)
        elif error is not None:
            asked.set_exception(error)


def _resolve(waiting: _Waiting, commit: Commit) -> None:
    if not waiting.answer.done():
        waiting.answer.set_result(commit)


def _reject(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
