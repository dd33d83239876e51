"""The rows of a stored file, in batches, each with the text it was read from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from services.voters.domain.layout import SAMPLE_BYTES, Layout, decoded, recognise
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.domain.voter import Cursor
from services.voters.domain.voter_file import Row, RowReader

ROWS_PER_BATCH = 500
AUTO = "auto"


@dataclass(slots=True)
class Batch:
    """Rows that follow each other; `content` is the file from byte `start` to behind them."""

    rows: list[Row]
    start: int
    content: bytes = field(repr=False)

    @property
    def cursor(self) -> Cursor:
        """Where reading goes on behind the batch."""
        return self.rows[-1].cursor

    def text(self, number: int) -> str:
        """The text of the row with this number."""
        begin = self.start
        for row in self.rows:
            if row.row == number:
                cut = self.content[begin - self.start : row.cursor.offset - self.start]
                return decoded(cut).strip("\r\n")
            begin = row.cursor.offset
        return ""


def layout_of(first_bytes: bytes, profile: str) -> Layout:
    """The layout of a file, of any known profile or of the named one. Raises UnknownLayout."""
    chosen = [each for each in PROFILES if profile in {AUTO, each.name}]
    return recognise(first_bytes[:SAMPLE_BYTES], chosen)


async def batches(
    chunks: AsyncIterator[bytes], layout: Layout, cursor: Cursor
) -> AsyncIterator[Batch]:
    """All rows from the cursor on; `chunks` begin at the cursor's byte."""
    reader = RowReader(layout, cursor)
    window, start = bytearray(), cursor.offset
    rows: list[Row] = []
    async for chunk in chunks:
        window += chunk
        rows += reader.feed(chunk)
        while len(rows) >= ROWS_PER_BATCH:
            batch, rows = rows[:ROWS_PER_BATCH], rows[ROWS_PER_BATCH:]
            end = batch[-1].cursor.offset
            yield Batch(batch, start, bytes(window[: end - start]))
            del window[: end - start]
            start = end
    rows += reader.finish()
    for first in range(0, len(rows), ROWS_PER_BATCH):
        batch = rows[first : first + ROWS_PER_BATCH]
        end = batch[-1].cursor.offset
        yield Batch(batch, start, bytes(window[: end - start]))
        del window[: end - start]
        start = end
