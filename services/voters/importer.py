"""The importer: `python -m services.voters.importer` reads uploaded voter files, step by step.

Any number may run: a campaign's imports take turns. Killed and started again, it goes on at the
durable cursor, and repeats no row.
"""

import asyncio
import contextlib
import hashlib
import signal
import traceback
from datetime import timedelta
from uuid import uuid4

import structlog

from libs.chassis.clock import server_clock
from libs.chassis.logging import configure_logging
from libs.database import Document, PyMongoError, connect
from libs.decider import Refusal
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Meta, Request, handle
from services.voters.desk import Desk, desk_of
from services.voters.domain.layout import Layout, UnknownLayout
from services.voters.domain.voter import Cursor
from services.voters.domain.voter_import import (
    CANCELLED,
    IMPORT,
    UNREADABLE,
    FinishImport,
    StopImport,
    stream_of,
)
from services.voters.entries import Entries
from services.voters.file_rows import batches, layout_of
from services.voters.import_records import TURN_SECONDS, Tally
from services.voters.registration import Registration, Step
from services.voters.sealing import SealBroken
from services.voters.settings import VotersSettings

POLL_SECONDS = 0.3
REST_SECONDS = 2.0
PURGE_EVERY = timedelta(hours=1)

log = structlog.get_logger()


FAULTS_MAX = 3
_FAULT = (
    "Reading this file failed through a fault of ours; the rows read so far are kept. Tell whoever "
    "runs this system the id of the import, and send the file again once the fault is mended."
)


class TurnLost(RuntimeError):
    """Another importer went on with this import; whatever was done twice changed nothing."""


# What says nothing about the file: it is read on from the cursor a little later.
PASSING = (PyMongoError, Refusal, TurnLost)


class Importer:
    """Works off the imports that wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name = uuid4().hex

    async def work(self) -> bool:
        """Work on one import until it ends; False when none waits for us."""
        imports = self._desk.imports
        for waiting in await imports.waiting():
            campaign_id = waiting["campaign_id"]
            if not await imports.take_turn(campaign_id, self._name, self._desk.now()):
                continue
            record = await imports.find(waiting["_id"])
            if record is None or record["state"] not in {"received", "reading"}:
                continue
            try:
                await self._read(record)
            finally:
                await imports.end_turn(campaign_id, self._name)
            return True
        return False

    async def _read(self, record: Document) -> None:
        """Read it; one that fails again and again ends, so that it holds up no other import."""
        reading = _Reading(self._desk, record, self._name)
        try:
            await reading.run()
        except (*PASSING, MemoryError, SealBroken):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours, met by this very file.
            # Where, not what: what it says may be a value of the file.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error(  # noqa: TRY400 - see above.
                "import failed",
                import_id=record["_id"],
                error=type(error).__name__,
                place=f"{place.name}:{place.lineno}",
            )
            if await self._desk.imports.count_fault(record["_id"]) >= FAULTS_MAX:
                await reading.give_up()


class _Reading:
    """One import being read."""

    def __init__(self, desk: Desk, record: Document, importer: str) -> None:
        self._desk = desk
        self._record = record
        self._importer = importer
        self._import_id: str = record["_id"]
        self._campaign_id: str = record["campaign_id"]
        self._renew_at = desk.now()
        self._seal = desk.uploads.seal_of(record["upload_id"], record["key"])

    async def run(self) -> None:
        """Read from the cursor to the end, unless it is cancelled or cannot be read."""
        record = self._record
        if await self._ended_before():
            return
        tally = Tally(**{name: record.get(name, 0) for name in Tally.__struct_fields__})
        cursor = Cursor(*record["cursor"]) if record.get("cursor") else None
        try:
            layout = layout_of(await self._first_bytes(), record["profile"])
        except UnknownLayout as unknown:
            await self._stop(UNREADABLE, "failed", str(unknown))
            return
        if record.get("is_cancelled"):
            await self._stop(CANCELLED, "stopped")
            return
        finished = await self._read(layout, cursor, tally)
        if finished is None:
            await self._stop(CANCELLED, "stopped")
        else:
            await self._finish(layout, finished)

    async def give_up(self) -> None:
        """End it: it cannot be read, through no fault of whoever sent it."""
        await self._stop(UNREADABLE, "failed", _FAULT)

    async def _read(self, layout: Layout, cursor: Cursor | None, tally: Tally) -> Tally | None:
        """All rows; None when it was cancelled on the way."""
        desk = self._desk
        entries = Entries(self._campaign_id, self._import_id, desk.ids, desk.sealer)
        registration = Registration(
            self._record,
            entries,
            log=desk.log,
            people=desk.people,
            selectable=desk.selectable,
            now=desk.now,
        )
        start = cursor or layout.start
        chunks = desk.uploads.read(self._record["upload_id"], self._seal, start.offset)
        prepared = (
            registration.prepare(batch, layout.profile)
            async for batch in batches(chunks, layout, start)
        )
        upcoming = await anext(prepared, None)
        while upcoming is not None:
            current = upcoming
            await self._keep_turn()
            # While the database works on a batch, the next one is parsed and made ready.
            registering = asyncio.create_task(registration.register(current))
            try:
                upcoming = await anext(prepared, None)
            finally:
                step = await registering
            after = current.batch.cursor
            tally = tally.plus(step.tally)
            if await self._remember(step, cursor, after, tally):
                return None
            cursor = after
        return tally

    async def _keep_turn(self) -> None:
        """Renew the lease while most of it is left; raise TurnLost when another has it."""
        now = self._desk.now()
        if now < self._renew_at:
            return
        imports = self._desk.imports
        if not await imports.take_turn(self._campaign_id, self._importer, now):
            raise TurnLost
        self._renew_at = now + timedelta(seconds=TURN_SECONDS / 4)

    async def _remember(
        self, step: Step, before: Cursor | None, after: Cursor, tally: Tally
    ) -> bool:
        """Make the step durable; whether somebody cancelled the import meanwhile."""
        imports = self._desk.imports
        await imports.keep_rejected(self._import_id, self._seal, step.rejected)
        record = await imports.advance(self._import_id, before, after, tally)
        if record is None:
            raise TurnLost
        return bool(record.get("is_cancelled"))

    async def _ended_before(self) -> bool:
        """Whether its end is a fact already; the record is made to say so."""
        history = await self._desk.log.read(stream_of(self._import_id))
        ended = IMPORT.fold(history.facts)
        if not ended.is_finished and ended.stopped_for is None:
            return False
        states = {CANCELLED: "stopped", UNREADABLE: "failed"}
        state = "done" if ended.is_finished else states[ended.stopped_for or CANCELLED]
        await self._close(state)
        return True

    async def _close(self, state: str, problem: str | None = None) -> None:
        """Say the end in the record, and let the file go."""
        await self._desk.imports.end(self._import_id, state, self._desk.now(), problem)
        await self._desk.uploads.forget(self._record["upload_id"])
        log.info("import ended", import_id=self._import_id, state=state)

    async def _first_bytes(self) -> bytes:
        async for chunk in self._desk.uploads.read(self._record["upload_id"], self._seal):
            return chunk
        return b""

    async def _finish(self, layout: Layout, tally: Tally) -> None:
        command = FinishImport(
            profile=layout.profile.name,
            rows_read=tally.rows_read,
            rows_kept=tally.rows_kept,
            rows_changed=tally.rows_changed,
            rows_rejected=tally.rows_rejected,
        )
        await self._record_end(command)
        await self._close("done")

    async def _stop(self, reason: str, state: str, problem: str | None = None) -> None:
        await self._record_end(StopImport(reason))
        await self._close(state, problem)

    async def _record_end(self, command: FinishImport | StopImport) -> None:
        named = hashlib.blake2b(f"import\0{self._import_id}\0end".encode(), digest_size=16)
        meta = Meta(
            at=self._desk.now(),
            actor=self._record["actor"],
            campaign_id=self._campaign_id,
            correlation_id=self._import_id,
        )
        stream = stream_of(self._import_id)
        await handle(self._desk.log, IMPORT, stream, command, Request(named.hexdigest(), meta))


async def keep_importing(desk: Desk) -> None:
    """Run until cancelled; what fails in passing is tried again from the cursor."""
    importer = Importer(desk)
    purge_at = desk.now()
    while True:
        try:
            if desk.now() >= purge_at:
                await desk.uploads.forget_orphans(desk.now())
                purge_at = desk.now() + PURGE_EVERY
            while await importer.work():
                pass
        except PASSING as error:
            log.warning("import interrupted", error=type(error).__name__)
            await asyncio.sleep(REST_SECONDS)
        await asyncio.sleep(POLL_SECONDS)


async def run(settings: VotersSettings) -> None:
    """The process: import until told to stop; a step in flight is done again later."""
    configure_logging("voters-importer", settings.log_level)
    client = connect(settings.mongodb_url)
    database = client[settings.database("voters")]
    event_log = MongoLog(database, settings.topic("voters"), settings.partitions)
    now = server_clock(settings.clock_offset_seconds)
    desk = desk_of(settings, event_log, database, now)
    await event_log.prepare()
    await desk.prepare()
    importing = asyncio.create_task(keep_importing(desk))
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, importing.cancel)
    log.info("importer started")
    with contextlib.suppress(asyncio.CancelledError):
        await importing
    await event_log.close()
    await client.close()


if __name__ == "__main__":
    asyncio.run(run(VotersSettings()))
