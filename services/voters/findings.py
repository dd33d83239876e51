"""What looking through a file found before anything of it is imported.

Kept in the import's record, sealed with the file's key: examples are rows about people.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from libs.database import Document
from services.voters.breakdown import Reason, Reasons
from services.voters.domain.columns import columns_of
from services.voters.domain.layout import Layout, cells_of
from services.voters.domain.names import shown
from services.voters.domain.shrinking import Missing
from services.voters.domain.voter import ParsedVoter, RejectedRow
from services.voters.file_rows import Batch
from services.voters.people import display
from services.voters.registration import ERASED
from services.voters.rehearsal import Fate
from services.voters.sealing import Seal

ROWS_SHOWN = 8
EXAMPLES_SHOWN = 3
EXAMPLE_LENGTH_MAX = 160
# As many numbers as are told apart; a file with more says how many voters have one.
LINES_COUNTED_MAX = 2_000_000


class Findings:
    """Adds up batch after batch; memory is bounded."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rows: list[dict[str, Any]] = []
        self._refused, self._left_out = Reasons(), Reasons()
        self._examples: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._lines: set[int] = set()
        self.rows_read = 0
        self.rows_refused = 0
        self.new = 0
        self.known = 0
        self.repeated = 0
        self.with_phone = 0
        self.all_ids_compared = True
        self.missing: Missing | None = None
        self.counties: set[str] = set()

    @property
    def rows_good(self) -> int:
        """Rows that will be taken over, repeated ones among them."""
        return self.rows_read - self.rows_refused

    @property
    def names_known_people(self) -> bool:
        """Whether most rows are of voters on the file: only then can it be its next edition."""
        return self.known >= self.new

    def add(self, batch: Batch, fates: Mapping[int, Fate]) -> None:
        """Look at the rows of a batch; `fates` has what will become of those that are voters."""
        for row in batch.rows:
            self.rows_read += 1
            if isinstance(row, RejectedRow):
                self._refuse(row.column, row.reason, row.row, row.raw)
                continue
            if row.county:
                self.counties.add(row.county.casefold())
            fate = fates[row.row]
            if fate.refusal:
                # An erased person's row is shown to nobody.
                raw = "" if fate.refusal == ERASED else batch.text(row.row)
                self._refuse(fate.column, fate.refusal, row.row, raw)
            elif fate.is_repeated:
                self.repeated += 1
            else:
                self.known += fate.is_known
                self.new += not fate.is_known
                self._add_voter(row, batch)

    def _refuse(self, column: str, reason: str, row: int, raw: str) -> None:
        self.rows_refused += 1
        self._show(self._refused.add(column, reason, row), row, raw)

    def _add_voter(self, voter: ParsedVoter, batch: Batch) -> None:
        self.with_phone += bool(voter.phones)
        if len(self._lines) <= LINES_COUNTED_MAX:
            self._lines.update(int(phone.e164[1:]) for phone in voter.phones)
        if len(self._rows) < ROWS_SHOWN:
            self._rows.append(_understood(voter))
        for flaw in voter.flaws:
            reason = self._left_out.add(flaw.column, flaw.reason, voter.row)
            if self._wants_example(reason, voter.row):
                self._show(reason, voter.row, self._cell(batch.text(voter.row), flaw.column))

    def _wants_example(self, reason: Reason, row: int) -> bool:
        return row in reason.rows[:EXAMPLES_SHOWN]

    def _show(self, reason: Reason, row: int, text: str) -> None:
        if self._wants_example(reason, row):
            cut = text if len(text) <= EXAMPLE_LENGTH_MAX else f"{text[:EXAMPLE_LENGTH_MAX]}…"
            examples = self._examples.setdefault((reason.column, reason.reason), [])
            examples.append({"row": row, "text": cut})

    def _cell(self, text: str, column: str) -> str:
        at = self._layout.position(column)
        cells = cells_of(text, self._layout.profile.delimiter)
        return cells[at] if at is not None and at < len(cells) else ""

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        profile, columns = self._layout.profile, columns_of(self._layout)
        counted = len(self._lines) <= LINES_COUNTED_MAX
        return {
            "layout": profile.name,
            "title": profile.title,
            "kind": profile.kind.value,
            "columns": len(self._layout.columns),
            "has_header": profile.has_header,
            "columns_understood": list(columns.understood),
            "columns_passed_over": list(columns.passed_over),
            "lacking": list(columns.lacking),
            "rows": self._rows,
            "rows_read": self.rows_read,
            "rows_good": self.rows_good,
            "rows_refused": self.rows_refused,
            "rows_known": self.known,
            "rows_new": self.new,
            "rows_repeated": self.repeated,
            "all_ids_compared": self.all_ids_compared,
            "voters_missing": self.missing.voters if self.missing else None,
            "voters_on_file": self.missing.on_file if self.missing else None,
            "is_much_missing": bool(self.missing and self.missing.is_much),
            "voters_with_phone": self.with_phone,
            "lines": len(self._lines) if counted else None,
            "counties": sorted(self.counties),
            "refused": self._shown(self._refused.as_json()),
            "left_out": self._shown(self._left_out.as_json()),
        }

    def _shown(self, reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**each, "examples": self._examples.get((each["column"], each["reason"]), [])}
            for each in reasons
        ]


def sealed_findings(import_id: str, seal: Seal, findings: dict[str, Any]) -> bytes:
    """For the record."""
    return seal.seal(_place(import_id), msgspec.msgpack.encode(findings))


def findings_of(record: Document, seal: Seal) -> dict[str, Any] | None:
    """What looking through the file found; None while nobody has."""
    if not record.get("findings"):
        return None
    opened: dict[str, Any] = msgspec.msgpack.decode(
        seal.open(_place(record["_id"]), record["findings"])
    )
    return opened


def _place(import_id: str) -> str:
    return f"{import_id}/findings"


def _understood(voter: ParsedVoter) -> dict[str, Any]:
    """A row as it will be taken over, in the words of a page."""
    names = (voter.first_name, voter.middle_name, voter.last_name, voter.suffix)
    born = voter.birth_date.isoformat() if voter.birth_date else voter.birth_year
    return {
        "row": voter.row,
        "name": " ".join(shown(name) for name in names if name),
        "born": born,
        "age": voter.age,
        "party": voter.party,
        "status": voter.status,
        "address": ", ".join(
            part for part in (shown(voter.street_address), shown(voter.city), voter.zip5) if part
        ),
        "state": voter.state,
        "county": shown(voter.county),
        "phones": [
            {"display": display(phone.e164), "kind": phone.kind, "extension": phone.extension}
            for phone in voter.phones
        ],
        "flaws": [{"column": flaw.column, "reason": flaw.reason} for flaw in voter.flaws],
    }
