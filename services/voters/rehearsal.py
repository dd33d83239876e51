"""Says of every row what importing it would make of it, and changes nothing: for previews.

What registration decides from what it wrote a moment ago is decided here from what is remembered:
of every voter of the file the place and the digest of the first row. Memory is bounded.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from libs.database import Document
from services.voters.desk import Desk
from services.voters.domain.layout import Layout
from services.voters.domain.voter import Cursor, ParsedVoter, is_other_person
from services.voters.domain.voter_file import RowReader
from services.voters.entries import Entries, Entry
from services.voters.file_rows import Batch
from services.voters.registration import (
    ERASED,
    OTHER_PERSON,
    REPEATED,
    REPEATED_BY_OTHER,
    Known,
    Prepared,
    Registration,
)
from services.voters.sealing import Seal

# As many voters are told apart; a larger file has at least the repeated rows that are counted.
IDS_COMPARED_MAX = 1_000_000
_PIECE_BYTES = 4_096
_DIGEST_BITS, _ROW_BITS = 64, 40


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a row: taken over, repeated, or left out for `refusal` in `column`."""

    is_known: bool = False
    is_repeated: bool = False
    column: str = ""
    refusal: str = ""


class Rehearsal:
    """One file, batch after batch in its order.

    `seen_of_county` counts whom it will show again, by the county that the state's file told last.
    """

    def __init__(self, desk: Desk, record: Document, seal: Seal, layout: Layout) -> None:
        self._desk = desk
        self._upload_id: str = record["upload_id"]
        self._seal = seal
        self._layout = layout
        self._entries = Entries(record["campaign_id"], record["_id"], desk.ids, desk.sealer)
        self._registration = Registration(
            record,
            self._entries,
            log=desk.log,
            people=desk.people,
            selectable=desk.selectable,
            now=desk.now,
        )
        # By voter: where the first row begins, its number and its digest, packed into one number.
        self._first: dict[int, int] = {}
        self.all_ids_compared = True
        self.seen_of_county: Counter[str] = Counter()

    async def fates(self, batch: Batch) -> dict[int, Fate]:
        """What will become of the voters of a batch, by row."""
        prepared = self._registration.prepare(batch, self._layout)
        begins = _begins(batch)
        fates: dict[int, Fate] = {}
        waiting = list(prepared.entries)
        while waiting:
            entries: dict[str, Entry] = {}
            again = [
                entry
                for entry in waiting
                if entries.setdefault(entry.command.voter_id, entry) is not entry
            ]
            known = await self._registration.known(entries)
            for voter_id, entry in entries.items():
                fate = await self._fate(entry, known[voter_id], prepared, begins[entry.row])
                fates[entry.row] = fate
            waiting = again
        return fates

    async def _fate(self, entry: Entry, known: Known, prepared: Prepared, begin: int) -> Fate:
        column, latest = prepared.key_column, known.voter.latest
        if known.voter.is_erased:
            return Fate(column=column, refusal=ERASED)
        first = self._first.get(_key(entry))
        if first is not None:
            refusal = await self._refusal_of_repeat(entry, known, prepared, first)
            return Fate(column=column, refusal=refusal) if refusal else Fate(is_repeated=True)
        if known.stored and is_other_person(known.stored.voter, entry.voter):
            return Fate(column=column, refusal=OTHER_PERSON)
        self._remember(entry, begin)
        if known.sighting and known.sighting.layout == self._layout.profile.name:
            self.seen_of_county[known.sighting.county] += 1
        return Fate(is_known=latest is not None)

    def _remember(self, entry: Entry, begin: int) -> None:
        if len(self._first) >= IDS_COMPARED_MAX:
            self.all_ids_compared = False
            return
        place = begin << _ROW_BITS | entry.row
        self._first[_key(entry)] = place << _DIGEST_BITS | _digest(entry)

    async def _refusal_of_repeat(
        self, entry: Entry, known: Known, prepared: Prepared, first: int
    ) -> str:
        """Why a row is left out whose voter an earlier row named; empty if it says the same."""
        if first & ((1 << _DIGEST_BITS) - 1) == _digest(entry):
            return ""
        place = first >> _DIGEST_BITS
        row = place & ((1 << _ROW_BITS) - 1)
        parsed = await self._read(Cursor(place >> _ROW_BITS, row))
        if parsed is None:
            return REPEATED.format(row=row)
        earlier = self._entries.entry(parsed, self._layout.profile)
        before = known.stored.voter if known.stored else None
        if before is None and known.voter.latest:
            before = entry.voter  # This row tells just what is known.
        if before:
            earlier = self._registration.laid_over(earlier, before, prepared)
        if is_other_person(earlier.voter, entry.voter):
            return REPEATED_BY_OTHER.format(row=row)
        after = self._registration.laid_over(entry, earlier.voter, prepared)
        is_same = after.command.digest == earlier.command.digest
        return "" if is_same else REPEATED.format(row=row)

    async def _read(self, cursor: Cursor) -> ParsedVoter | None:
        """The voter of the row that begins here, read once more."""
        reader = RowReader(self._layout, cursor)
        async for chunk in self._desk.uploads.read(self._upload_id, self._seal, cursor.offset):
            for begin in range(0, len(chunk), _PIECE_BYTES):
                if rows := reader.feed(chunk[begin : begin + _PIECE_BYTES]):
                    return rows[0] if isinstance(rows[0], ParsedVoter) else None
        rows = reader.finish()
        return rows[0] if rows and isinstance(rows[0], ParsedVoter) else None


def _begins(batch: Batch) -> Mapping[int, int]:
    """Where each row of a batch begins in the file."""
    begins, begin = {}, batch.start
    for row in batch.rows:
        begins[row.row] = begin
        begin = row.cursor.offset
    return begins


def _key(entry: Entry) -> int:
    return int(entry.command.voter_id[:16], 16)


def _digest(entry: Entry) -> int:
    return int(entry.command.digest[:16], 16)
