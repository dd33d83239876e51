"""The rejected rows of an import as CSV: to be read, mended, and imported again."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace

from libs.database import Document
from services.voters.breakdown import earlier_row, worded
from services.voters.desk import Desk
from services.voters.domain.layout import Layout
from services.voters.domain.mending import MARKS, harmless, own_columns
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.domain.voter import Cursor
from services.voters.domain.voter_file import RowReader
from services.voters.import_records import Rejected


async def rejected_csv(desk: Desk, record: Document) -> AsyncIterator[bytes]:
    """A header and one row a rejected row, in the file's order, piece by piece."""
    seal = desk.uploads.seal_of(record["upload_id"], record["key"])
    layout = _layout(record)
    columns = own_columns(layout.columns) if layout else ()
    reader = RowReader(layout) if layout else None
    yield _lines([(*MARKS, *columns)])
    async for batch in desk.imports.rejected(record["_id"], seal):
        yield _lines([_cells(rejected, layout, reader) for rejected in batch])


def _layout(record: Document) -> Layout | None:
    """The layout that the file had; None where its columns are not known."""
    profile = next((each for each in PROFILES if each.name == record.get("layout")), None)
    if profile is None or not record.get("columns"):
        return None
    profile = replace(profile, delimiter=record["delimiter"])
    return Layout(profile, tuple(record["columns"]), Cursor(0, 1))


def _cells(rejected: Rejected, layout: Layout | None, reader: RowReader | None) -> list[str]:
    cells = reader.cells(rejected.raw) if reader and rejected.raw else []
    own: list[str] = []
    unreadable = rejected.raw
    if layout and (len(cells) == len(layout.columns) or not rejected.raw):
        told = zip(layout.columns, cells, strict=False)
        own = [cell for column, cell in told if column not in MARKS]
        unreadable = ""
    if layout:
        own += [""] * (len(own_columns(layout.columns)) - len(own))
    said = (
        worded(rejected.reason),
        rejected.column,
        str(rejected.row),
        earlier_row(rejected.reason),
        unreadable,
    )
    return [harmless(cell) for cell in (*said, *own)]


def _lines(rows: list[tuple[str, ...]] | list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
