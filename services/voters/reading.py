"""Reads one import step by step: durable behind every step, so that any other importer goes on."""

import asyncio
import hashlib
from datetime import timedelta

import structlog

from libs.database import Document
from libs.eventstore.store import Meta, Request, handle
from services.voters.breakdown import Breakdown
from services.voters.checking import (
    Checking,
    is_whole_state_file,
    may_miss_voters,
    shrunk_before,
    whole_files_before,
)
from services.voters.desk import Desk
from services.voters.domain.layout import Layout, UnknownLayout
from services.voters.domain.voter import Cursor
from services.voters.domain.voter_import import (
    CANCELLED,
    IMPORT,
    THROWN_AWAY,
    UNREADABLE,
    FinishImport,
    HoldImport,
    StopImport,
    stream_of,
)
from services.voters.entries import Entries
from services.voters.file_rows import batches, layout_of
from services.voters.import_records import TURN_SECONDS, Tally
from services.voters.registration import Registration, Step

_FAULT = (
    "Reading this file failed through a fault of ours; the rows read so far are kept. Tell whoever "
    "runs this system the id of the import, and send the file again once the fault is mended."
)

log = structlog.get_logger()


class TurnLost(RuntimeError):
    """Another importer went on with this import; whatever was done twice changed nothing."""


class Reading:
    """One import: looked through where that is due, then read."""

    def __init__(self, desk: Desk, record: Document, importer: str) -> None:
        self._desk = desk
        self._record = record
        self._importer = importer
        self._import_id: str = record["_id"]
        self._campaign_id: str = record["campaign_id"]
        self._renew_at = desk.now()
        self._seal = desk.uploads.seal_of(record["upload_id"], record["key"])

    async def run(self) -> None:
        """Read from the cursor to the end, unless it is held, cancelled or cannot be read."""
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
            await self._cancel(tally)
            return
        await self._note_layout(layout)
        if cursor is None and not record.get("confirmed_by") and await self._is_held(layout):
            return
        started_at = record.get("reading_at") or self._desk.now()
        await self._desk.imports.note(self._import_id, reading_at=started_at)
        finished = await self._read(layout, cursor, tally)
        if finished is None:
            await self._cancel(Tally(rows_read=1))
        else:
            await self._finish(layout, finished)

    async def give_up(self) -> None:
        """End it: it cannot be read, through no fault of whoever sent it."""
        await self._stop(UNREADABLE, "failed", _FAULT)

    async def _note_layout(self, layout: Layout) -> None:
        """Remember it beyond the file's end; mended rows are a part, whatever was said of them."""
        fields = {
            "layout": layout.profile.name,
            "columns": list(layout.columns),
            "delimiter": layout.profile.delimiter,
        }
        if layout.is_mended:
            fields["extent"] = "part"
        self._record = await self._desk.imports.note(self._import_id, **fields) or self._record

    async def _is_held(self, layout: Layout) -> bool:
        """Look through the file first where that is due; whether it ends or waits for a human."""
        desk, record = self._desk, self._record
        asked_for = bool(record.get("asks_first"))
        before = await whole_files_before(desk, record, layout)
        if not asked_for and not before and not await may_miss_voters(desk, record, layout):
            return False
        checking = Checking(desk, record, self._seal, layout)
        findings = await checking.run(self._keep_turn)
        if findings is None:
            await self._cancel(Tally())
            return True
        shrunk = shrunk_before(findings, before) if findings.names_known_people else None
        missing = findings.missing
        if not asked_for and shrunk is None and not (missing and missing.is_much):
            return False
        command = HoldImport(
            profile=layout.profile.name,
            rows=findings.rows_read,
            asked_for=asked_for,
            shrunk=shrunk,
            voters_missing=missing.voters if missing else None,
        )
        await self._record_fact("held", command)
        await checking.hold(findings, "preview" if asked_for else "held", shrunk)
        return True

    async def _cancel(self, tally: Tally) -> None:
        """Stop it; one of which nothing was taken over was thrown away."""
        await self._stop(CANCELLED if tally.rows_read else THROWN_AWAY, "stopped")

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
        breakdown = Breakdown.of(self._record)
        start = cursor or layout.start
        chunks = desk.uploads.read(self._record["upload_id"], self._seal, start.offset)
        prepared = (
            registration.prepare(batch, layout) async for batch in batches(chunks, layout, start)
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
            breakdown.add(step.rejected, step.changes, step.counties)
            if await self._remember(step, cursor, after, tally, breakdown):
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
        self,
        step: Step,
        before: Cursor | None,
        after: Cursor,
        tally: Tally,
        breakdown: Breakdown,
    ) -> bool:
        """Make the step durable; whether somebody cancelled the import meanwhile."""
        imports = self._desk.imports
        await imports.keep_rejected(self._import_id, self._seal, step.rejected)
        record = await imports.advance(
            self._import_id, before, after, tally, **breakdown.as_fields()
        )
        if record is None:
            raise TurnLost
        return bool(record.get("is_cancelled"))

    async def _ended_before(self) -> bool:
        """Whether its end is a fact already; the record is made to say so."""
        history = await self._desk.log.read(stream_of(self._import_id))
        ended = IMPORT.fold(history.facts)
        if not ended.is_finished and ended.stopped_for is None:
            return False
        states = {CANCELLED: "stopped", THROWN_AWAY: "stopped", UNREADABLE: "failed"}
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
        await self._count_missing(layout)
        await self._record_fact("end", command)
        await self._close("done")

    async def _count_missing(self, layout: Layout) -> None:
        """Say how many voters whom earlier files had are not in this one, if it is a whole one."""
        desk, layout_name = self._desk, layout.profile.name
        if not is_whole_state_file(self._record, layout):
            return
        record = await desk.imports.find(self._import_id) or self._record
        missing = await desk.selectable.missing_from(
            self._import_id, self._campaign_id, layout_name, record.get("counties", [])
        )
        await desk.imports.note(self._import_id, voters_missing=missing)

    async def _stop(self, reason: str, state: str, problem: str | None = None) -> None:
        await self._record_fact("end", StopImport(reason))
        await self._close(state, problem)

    async def _record_fact(
        self, what: str, command: HoldImport | FinishImport | StopImport
    ) -> None:
        named = hashlib.blake2b(f"import\0{self._import_id}\0{what}".encode(), digest_size=16)
        meta = Meta(
            at=self._desk.now(),
            actor=self._record["actor"],
            campaign_id=self._campaign_id,
            correlation_id=self._import_id,
        )
        stream = stream_of(self._import_id)
        await handle(self._desk.log, IMPORT, stream, command, Request(named.hexdigest(), meta))
