"""Which layout a file has, seen from its first bytes, and where its first row begins."""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from libs.decider import Invalid
from services.voters.domain.mending import DELIMITER, is_to_mend, own_columns
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.domain.profiles.profile import Profile
from services.voters.domain.voter import Cursor

SAMPLE_BYTES = 65_536

_MOST = 0.6
_WORDS_SHOWN = 6
_COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _#/.-]{0,40}")
_HEADER_WORD = re.compile(r"name|id|zip|city|phone|voter|county|address", re.IGNORECASE)
_HEADER_WORDS_MIN = 3
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0")
_SEPARATORS = {"\t": "tabs", ",": "commas", "|": "vertical bars", ";": "semicolons"}


class UnknownLayout(Invalid):
    """This file has no layout that is known here."""


@dataclass(frozen=True)
class Layout:
    """A profile as one file has it: its columns by position, and the place of its first row."""

    profile: Profile
    columns: tuple[str, ...]
    start: Cursor

    @property
    def is_mended(self) -> bool:
        """Whether these are rejected rows of another file, mended."""
        return is_to_mend(self.columns)

    def position(self, column: str) -> int | None:
        """Where a column stands, from 0; names are compared without case and outer spaces."""
        wanted = column.strip().casefold()
        return next((n for n, name in enumerate(self.columns) if name.casefold() == wanted), None)


def recognise(first_bytes: bytes, profiles: Iterable[Profile] = PROFILES) -> Layout:
    """The layout of a file by its first rows; `SAMPLE_BYTES` of it are plenty.

    UnknownLayout says what was seen (names or count of columns, nobody's values) and what to do.
    """
    known = tuple(profiles)
    skipped = len(BOM_UTF8) if first_bytes.startswith(BOM_UTF8) else 0
    lines = _complete_lines(first_bytes[skipped:])
    for profile in known:
        columns = _to_mend(profile, lines[0])
        if columns:
            start = Cursor(skipped + len(lines[0]), 1)
            return Layout(replace(profile, delimiter=DELIMITER), columns, start)
        if profile.has_header:
            columns = _header(profile, lines[0])
            start = Cursor(skipped + len(lines[0]), 1)
        else:
            columns = _positions(profile, lines)
            start = Cursor(skipped, 1)
        if columns:
            return Layout(profile, columns, start)
    titles = ", ".join(profile.title for profile in known)
    raise UnknownLayout(
        f"This layout is not known: {_seen(decoded(lines[0]).rstrip())}. Known are: {titles}. "
        "Send the file as its office or VAN exported it, without changing columns."
    )


def decoded(line: bytes) -> str:
    """A row as text: UTF-8, and where it is not that, Windows-1252, as old exports are."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _complete_lines(sample: bytes) -> list[bytes]:
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise UnknownLayout("The file is UTF-16 text. Save it as UTF-8 and send it again.")
    if sample.startswith(_PACKED):
        raise UnknownLayout(
            "The file is packed or a workbook, not text. Unpack it, or save it as CSV, and send "
            "the text file."
        )
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and not lines[-1].endswith(b"\n"):
        lines.pop()
    if not any(line.strip() for line in lines):
        raise UnknownLayout("The file is empty. Send the file as it was exported.")
    return lines


def _to_mend(profile: Profile, line: bytes) -> tuple[str, ...] | None:
    """The columns of rejected rows of this profile: they have a header, whatever their file has."""
    cells = cells_of(decoded(line).rstrip("\r\n"), DELIMITER)
    names = tuple(cell.strip() for cell in cells)
    if not is_to_mend(names):
        return None
    own = own_columns(names)
    if not profile.has_header:
        is_own = len(own) in profile.column_counts and own == profile.columns[: len(own)]
        return names if is_own else None
    return names if set(profile.required) <= set(own) else None


def _header(profile: Profile, line: bytes) -> tuple[str, ...] | None:
    cells = cells_of(decoded(line).rstrip("\r\n"), profile.delimiter)
    names = tuple(cell.strip() for cell in cells)
    present = {name.casefold() for name in names}
    return names if all(name.casefold() in present for name in profile.required) else None


def _positions(profile: Profile, lines: Sequence[bytes]) -> tuple[str, ...] | None:
    """The columns of a file without a header: by their count, confirmed by what they look like."""
    rows = [cells_of(decoded(line).rstrip("\r\n"), profile.delimiter) for line in lines]
    counts = Counter(len(row) for row in rows if len(row) in profile.column_counts)
    if not counts:
        return None
    count = counts.most_common(1)[0][0]
    columns = profile.columns[:count]
    right = [row for row in rows if len(row) == count]
    for column, shape in profile.shapes.items():
        at = columns.index(column)
        if sum(bool(shape.fullmatch(row[at].strip())) for row in right) < _MOST * len(right):
            return None
    return columns


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of one row, as CSV quotes them; none if the quoting cannot be read."""
    try:
        return next(csv.reader((text,), delimiter=delimiter), [])
    except csv.Error:
        return []


def _seen(line: str) -> str:
    delimiter = max(_SEPARATORS, key=line.count)
    if delimiter not in line:
        return "its first row has no separator"
    cells = [cell.strip() for cell in cells_of(line, delimiter)]
    seen = f"its first row has {len(cells)} columns separated by {_SEPARATORS[delimiter]}"
    # A first row with values in it is a person: only what must be a row of names is repeated.
    header_words = sum(bool(_HEADER_WORD.search(cell)) for cell in cells)
    if all(map(_COLUMN_NAME.fullmatch, cells)) and header_words >= _HEADER_WORDS_MIN:
        names = ", ".join(f"“{cell}”" for cell in cells[:_WORDS_SHOWN])
        return f"{seen}, beginning with {names}"
    return f"{seen} and no column names that are known"
