"""The rejected rows as a file to mend: the file's own columns behind those that say what is wrong.

The same file, mended, is imported as a part of the one that it came from.
"""

from collections.abc import Iterable, Sequence

REASON = "What is wrong (Phonebank)"
COLUMN = "In column (Phonebank)"
ROW = "Row of the file (Phonebank)"
EARLIER_ROW = "See row (Phonebank)"
UNREADABLE = "The row as it stands, where its columns cannot be told apart (Phonebank)"
MARKS = (REASON, COLUMN, ROW, EARLIER_ROW, UNREADABLE)
DELIMITER = ","

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def is_to_mend(columns: Iterable[str]) -> bool:
    """Whether a file with these columns is one of rejected rows."""
    return REASON in columns


def own_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns without those that say what is wrong."""
    return tuple(column for column in columns if column not in MARKS)


def harmless(cell: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def plain(cell: str) -> str:
    """The cell that was made harmless."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell
