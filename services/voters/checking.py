"""Looks through a file before anything of it is imported: for a preview, or for missing rows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from libs.database import Document
from services.voters.desk import Desk
from services.voters.domain.layout import Layout
from services.voters.domain.profiles.profile import Kind
from services.voters.domain.shrinking import Shrunk, WholeFile, is_same_kind, shrunk_since
from services.voters.domain.voter import ParsedVoter
from services.voters.entries import Entries
from services.voters.file_rows import Batch, batches
from services.voters.findings import Findings, sealed_findings
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
        self._entries = Entries(record["campaign_id"], self._import_id, desk.ids, desk.sealer)
        self._note_at = desk.now()

    async def run(self, keep_turn: KeepTurn, *, count_known: bool) -> Findings | None:
        """What the whole file has in it; None when it was cancelled on the way.

        With `count_known` it is also counted how many rows are of voters on the file already.
        """
        findings = Findings(self._layout)
        start = self._layout.start
        chunks = self._desk.uploads.read(self._record["upload_id"], self._seal, start.offset)
        async for batch in batches(chunks, self._layout, start):
            await keep_turn()
            findings.add(batch)
            if count_known:
                findings.known += await self._known(batch)
            if await self._note(batch, findings):
                return None
        return findings

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
        )

    async def _known(self, batch: Batch) -> int:
        """How many rows are of voters whom the campaign has on its file."""
        voter_ids = [
            self._entries.entry(row, self._layout.profile).command.voter_id
            for row in batch.rows
            if isinstance(row, ParsedVoter)
        ]
        known = await self._desk.selectable.sightings(self._record["campaign_id"], voter_ids)
        return sum(voter_id in known for voter_id in voter_ids)

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


async def whole_files_before(desk: Desk, record: Document, layout: Layout) -> Sequence[WholeFile]:
    """The files of this layout that this one may have shrunk from."""
    if not is_whole_state_file(record, layout):
        return ()
    return await desk.imports.last_whole_files(record["campaign_id"], layout.profile.name)


def shrunk_before(findings: Findings, before: Sequence[WholeFile]) -> Shrunk | None:
    """How much of the last file of its kind is missing, if that is too much."""
    last = next((file for file in before if is_same_kind(findings.counties, file)), None)
    return shrunk_since(findings.rows_read, last) if last else None
