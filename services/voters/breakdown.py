"""What an import adds up besides its rows: changes by part, rejected rows by reason, counties."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.voters.import_records import Rejected

REASONS_MAX = 40
ROWS_NAMED = 5
OTHER = "Other reasons; the download has each."
_EARLIER_ROW = re.compile(r"\brow (\d+)")


def worded(reason: str) -> str:
    """The reason as it is told everywhere: another row's number in it makes no other reason."""
    return _EARLIER_ROW.sub("an earlier row", reason)


def earlier_row(reason: str) -> str:
    """The number of the other row in a reason, if there is one."""
    found = _EARLIER_ROW.search(reason)
    return found[1] if found else ""


@dataclass(slots=True)
class Reason:
    """Rows with the same thing wrong in the same column; `rows` are the first of their numbers."""

    column: str
    reason: str
    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, row: int) -> bool:
        """Count one; whether it is among the first."""
        self.count += 1
        if len(self.rows) < ROWS_NAMED:
            self.rows.append(row)
            return True
        return False

    def as_json(self) -> dict[str, Any]:
        """For the record and for pages."""
        return {
            "column": self.column,
            "reason": self.reason,
            "count": self.count,
            "rows": self.rows,
        }


class Reasons:
    """Reasons with their counts. However odd a file is, they are at most `REASONS_MAX`."""

    def __init__(self, stored: Iterable[Mapping[str, Any]] = ()) -> None:
        self._by_key = {
            (each["column"], each["reason"]): Reason(
                each["column"], each["reason"], each["count"], list(each["rows"])
            )
            for each in stored
        }

    def add(self, column: str, reason: str, row: int) -> Reason:
        """Count a row under its reason; other rows' numbers in the sentence make no new reason."""
        key = (column, worded(reason))
        if key not in self._by_key and len(self._by_key) >= REASONS_MAX - 1:
            key = ("", OTHER)
        found = self._by_key.setdefault(key, Reason(*key))
        found.add(row)
        return found

    def as_json(self) -> list[dict[str, Any]]:
        """All of them, the most frequent first."""
        return [
            each.as_json()
            for each in sorted(self._by_key.values(), key=lambda each: (-each.count, each.rows))
        ]


@dataclass(slots=True)
class Breakdown:
    """So far; kept in the import's record with every step, together with its cursor."""

    reasons: Reasons
    changes: Counter[str]
    counties: set[str]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Breakdown":
        """As the record has it."""
        return cls(
            Reasons(record.get("reasons", ())),
            Counter(record.get("changes", {})),
            set(record.get("counties", ())),
        )

    def add(
        self, rejected: Iterable[Rejected], changes: Mapping[str, int], counties: Iterable[str]
    ) -> None:
        """Add a step."""
        for row in rejected:
            self.reasons.add(row.column, row.reason, row.row)
        self.changes.update(changes)
        self.counties.update(counties)

    def as_fields(self) -> dict[str, Any]:
        """For the record."""
        return {
            "reasons": self.reasons.as_json(),
            "changes": dict(self.changes),
            "counties": sorted(self.counties),
        }
