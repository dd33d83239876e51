"""Lines of CSV that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable

# What a spreadsheet may take for the beginning of a formula; also the wide forms of them.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_line(cells: Iterable[object]) -> bytes:
    """One line (RFC 4180, UTF-8); a cell that could be a formula begins with an apostrophe."""
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue().encode()


def _harmless(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text
