"""A voter file, read row by row: voters, and rows refused with a reason. Memory is bounded.

    layout = recognise(first_bytes)
    for row in read_rows(file, layout, cursor): ...

Every outcome carries the cursor behind it; reading on from it gives exactly the rest of the rows.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from services.voters.domain.layout import Layout, cells_of, decoded
from services.voters.domain.mending import plain
from services.voters.domain.row import NoVoter, RowPlan
from services.voters.domain.voter import Cursor, ParsedVoter, RejectedRow, SideNames

MAX_ROW_BYTES = 65_536

_CHUNK_BYTES = 262_144
_LINES_JOINED_MAX = 8

Row = ParsedVoter | RejectedRow


@runtime_checkable
class BinaryFile(Protocol):
    """A file opened for reading bytes, with any position at hand."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""

    def seek(self, offset: int, /) -> object:
        """Go to a byte of the file."""


def read_rows(
    source: BinaryFile | Iterable[bytes],
    layout: Layout,
    cursor: Cursor | None = None,
    names: SideNames | None = None,
) -> Iterator[Row]:
    """Every row from the cursor (else the first) to the end.

    A file is positioned here. An iterable of chunks, cut anywhere, must begin at the cursor's byte,
    or without a cursor at the file's first.
    """
    reader = RowReader(layout, cursor, names)
    if isinstance(source, BinaryFile):
        source.seek(0 if cursor is None else cursor.offset)
        chunks: Iterable[bytes] = iter(lambda: source.read(_CHUNK_BYTES), b"")
    else:
        chunks = source
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.finish()


class _Line(NamedTuple):
    """A line without its line end, cut at the row limit, and its true size with the line end."""

    text: bytes
    size: int


class RowReader:
    """The same for bytes that arrive from elsewhere: `feed` chunks in order, then `finish`.

    The first chunk begins at the cursor's byte, or without a cursor at the file's first. What was
    read may be remembered up to the cursor of an outcome, or `cursor`.
    """

    def __init__(
        self, layout: Layout, cursor: Cursor | None = None, names: SideNames | None = None
    ) -> None:
        self.cursor = cursor or layout.start
        self._before_rows = 0 if cursor else layout.start.offset
        self._plan = RowPlan(layout, names or {})
        self._columns = len(layout.columns)
        self._is_mended = layout.is_mended
        self._delimiter = layout.profile.delimiter
        self._quoted_delimiter = f'"{self._delimiter}"'
        self._lines: deque[_Line] = deque()
        self._rest = b""
        self._rest_cut = 0

    def feed(self, chunk: bytes) -> list[Row]:
        """The rows completed by this chunk."""
        if self._before_rows:
            skipped = min(self._before_rows, len(chunk))
            self._before_rows -= skipped
            chunk = chunk[skipped:]
        first, *others = chunk.split(b"\n")
        self._grow(first)
        for text in others:
            self._end_line(line_end=1)
            self._grow(text)
        return self._drain(at_end=False)

    def finish(self) -> list[Row]:
        """The rows left when there are no more bytes."""
        if self._rest:
            self._end_line(line_end=0)
        return self._drain(at_end=True)

    def _grow(self, text: bytes) -> None:
        room = MAX_ROW_BYTES + 1 - len(self._rest)
        self._rest = self._rest + text[:room] if self._rest else text[:room]
        self._rest_cut += max(0, len(text) - room)

    def _end_line(self, line_end: int) -> None:
        size = len(self._rest) + self._rest_cut + line_end
        self._lines.append(_Line(self._rest.removesuffix(b"\r"), size))
        self._rest, self._rest_cut = b"", 0

    def _drain(self, *, at_end: bool) -> list[Row]:
        rows: list[Row] = []
        while self._lines:
            text = decoded(self._lines[0].text)
            cells = self.cells(text)
            taken = 1
            if len(cells) != self._columns and self._may_go_on(text):
                if len(self._lines) < _LINES_JOINED_MAX and not at_end:
                    break
                taken, cells = self._joined(cells)
            rows += self._row(text, cells, taken)
        return rows

    def _may_go_on(self, text: str) -> bool:
        """Whether a quoted cell may hold a line break, so that the row ends on a later line."""
        return text.count('"') % 2 == 1 and self._lines[0].size <= MAX_ROW_BYTES

    def _joined(self, cells: list[str]) -> tuple[int, list[str]]:
        """The row over several lines if that makes it whole, else the first line as it stands."""
        for taken in range(2, min(_LINES_JOINED_MAX, len(self._lines)) + 1):
            text = " ".join(decoded(self._lines[n].text) for n in range(taken))
            whole = self.cells(text)
            if len(whole) == self._columns:
                return taken, whole
        return 1, cells

    def cells(self, text: str) -> list[str]:
        """The cells of a row; none where a quotation mark is left open between commas."""
        if self._is_mended:
            return [plain(cell) for cell in self._split(text)]
        return self._split(text)

    def _split(self, text: str) -> list[str]:
        if self._delimiter != "\t":
            return cells_of(text, self._delimiter) if text.count('"') % 2 == 0 else []
        if not (text.startswith('"') and text.endswith('"')):
            return [_unquoted(cell) for cell in text.split("\t")]
        # Between quoted tabs nothing need be parsed, and a stray quotation mark does no harm.
        cells = text[1:-1].split(self._quoted_delimiter)
        if len(cells) != self._columns:
            return [_unquoted(cell) for cell in text.split("\t")]
        if text.count('""') > cells.count(""):
            return [cell.replace('""', '"') for cell in cells]
        return cells

    def _row(self, text: str, cells: list[str], taken: int) -> list[Row]:
        """The outcome of the first `taken` lines, which are done with; a blank line has none."""
        size = sum(self._lines.popleft().size for _ in range(taken))
        number = self.cursor.row
        if not text.strip():
            self.cursor = Cursor(self.cursor.offset + size, number)
            return []
        self.cursor = Cursor(self.cursor.offset + size, number + 1)
        try:
            _refuse_misshapen(text, size, cells, self._columns)
            return [self._plan.voter(cells, number, self.cursor)]
        except NoVoter as fault:
            return [RejectedRow(number, fault.column, fault.reason, text, self.cursor)]


def _refuse_misshapen(text: str, size: int, cells: list[str], columns: int) -> None:
    if size > MAX_ROW_BYTES:
        raise NoVoter("(row)", f"The row is longer than {MAX_ROW_BYTES:,} bytes: lines ran on.")
    if "\0" in text:
        raise NoVoter("(row)", "The row has NUL characters in it: the file was damaged.")
    if not cells:
        raise NoVoter("(row)", "A quotation mark is opened and not closed.")
    if len(cells) != columns:
        raise NoVoter(
            "(row)",
            f"The row has {len(cells)} columns where this file has {columns}: its values have "
            "shifted and cannot be told apart.",
        )


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
