"""Looks through a file before anything of it is imported: for a preview, or for missing rows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from libs.database import Document
from services.voters.desk import Desk
from services.voters.domain.layout import Layout
from services.voters.domain.profiles.profile import Kind
from services.voters.domain.shrinking import (
    Missing,
    Shrunk,
    WholeFile,
    is_same_kind,
    shrunk_since,
)
from services.voters.file_rows import Batch, batches
from services.voters.findings import Findings, sealed_findings
from services.voters.rehearsal import Rehearsal
from services.voters.sealing import Seal

NOTED_EVERY = timedelta(seconds=0.5)

KeepTurn = Callable[[], Awaitable[None]]


class Checking:
    """One file being looked through. Begun anew after a crash, for it changes nothing."""

    def __init__(
        self,
        desk: Desk,
        record: Document,
        seal: Seal,
        layout: Layout,
    ) -> None:
        self._desk = desk
        self._record = record
        self._import_id: str = record["_id"]
        self._seal = seal
        self._layout = layout
        self._note_at = desk.now()

    async def run(self, keep_turn: KeepTurn) -> Findings | None:
        """What the whole file has in it; None when it was cancelled on the way."""
        findings = Findings(self._layout)
        rehearsal = Rehearsal(self._desk, self._record, self._seal, self._layout)
        start = self._layout.start
        chunks = self._desk.uploads.read(self._record["upload_id"], self._seal, start.offset)
        async for batch in batches(chunks, self._layout, start):
            await keep_turn()
            findings.add(batch, await rehearsal.fates(batch))
            if await self._note(batch, findings):
                return None
        findings.all_ids_compared = rehearsal.all_ids_compared
        if is_whole_state_file(self._record, self._layout):
            findings.missing = await self._missing(findings, rehearsal)
        return findings

    async def _missing(self, findings: Findings, rehearsal: Rehearsal) -> Missing:
        """Whom files of this layout had in these counties, and this one has not."""
        counties = sorted(findings.counties)
        campaign_id, layout_name = self._record["campaign_id"], self._layout.profile.name
        on_file = await self._desk.selectable.on_file(campaign_id, layout_name, counties)
        seen = sum(rehearsal.seen_of_county[county] for county in counties)
        return Missing(max(0, on_file - seen), on_file)

    async def hold(self, findings: Findings, state: str, shrunk: Shrunk | None) -> None:
        """Let the import wait for a human, with what was found."""
        await self._desk.imports.hold(
            self._import_id,
            state,
            self._desk.now(),
            findings=sealed_findings(self._import_id, self._seal, findings.as_json()),
            layout=self._layout.profile.name,
            rows_checked=findings.rows_read,
            rows_before=shrunk.rows_before if shrunk else None,
            voters_missing=findings.missing.voters if findings.missing else None,
        )

    async def _note(self, batch: Batch, findings: Findings) -> bool:
        """Say now and then how far it is; whether somebody threw the file away meanwhile."""
        if self._desk.now() < self._note_at:
            return False
        self._note_at = self._desk.now() + NOTED_EVERY
        record = await self._desk.imports.note(
            self._import_id,
            state="checking",
            rows_checked=findings.rows_read,
            bytes_checked=batch.cursor.offset,
        )
        return bool(record and record.get("is_cancelled"))


def is_whole_state_file(record: Document, layout: Layout) -> bool:
    """Whether this file ought to name everybody registered in its counties."""
    return layout.profile.kind is Kind.STATE_FILE and record.get("extent") == "whole"


async def may_miss_voters(desk: Desk, record: Document, layout: Layout) -> bool:
    """Whether there is anybody on file whom this file ought to name."""
    if not is_whole_state_file(record, layout):
        return False
    return await desk.selectable.has_any_of(record["campaign_id"], layout.profile.name)


async def whole_files_before(desk: Desk, record: Document, layout: Layout) -> Sequence[WholeFile]:
    """The files of this layout that this one may have shrunk from."""
    if not is_whole_state_file(record, layout):
        return ()
    return await desk.imports.last_whole_files(record["campaign_id"], layout.profile.name)


def shrunk_before(findings: Findings, before: Sequence[WholeFile]) -> Shrunk | None:
    """How much of the last file of its kind is missing, if that is too much."""
    last = next((file for file in before if is_same_kind(findings.counties, file)), None)
    return shrunk_since(findings.rows_read, last) if last else None
