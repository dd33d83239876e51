"""When a whole voter file has so many rows or voters less than before that a human must look.

A file that broke off half-way looks like any other; importing it would quietly age half the list.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

FEWER_ROWS_PER_MILLE = 20
MISSING_PER_MILLE = 20


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A whole file that was imported: its id, its rows, and the counties that it covers."""

    import_id: str
    rows: int
    counties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The file before had this many rows."""

    rows_before: int
    import_id_before: str


@dataclass(frozen=True, slots=True)
class Missing:
    """How many of the voters on file in a whole file's counties it does not name."""

    voters: int
    on_file: int

    @property
    def is_much(self) -> bool:
        """Whether they are 2 % or more, so that a human must look."""
        return self.voters > 0 and self.voters * 1000 >= self.on_file * MISSING_PER_MILLE


def is_same_kind(counties: AbstractSet[str], before: WholeFile) -> bool:
    """Whether a file of these counties is meant to replace the one before.

    It covers the same ones; or it has lost some of them, but fewer than half: then rows are missing
    and this is no other part of the state.
    """
    if not counties or not counties <= before.counties:
        return False
    return counties == before.counties or 2 * len(counties) > len(before.counties)


def shrunk_since(rows: int, before: WholeFile) -> Shrunk | None:
    """Not None where 2 % of the rows before, or more, are missing."""
    if (before.rows - rows) * 1000 < before.rows * FEWER_ROWS_PER_MILLE or rows >= before.rows:
        return None
    return Shrunk(before.rows, before.import_id)
