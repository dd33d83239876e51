"""What a layout's table says: columns, aliases, codes and dates of one kind of voter file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an import of this layout is."""

    STATE_FILE = "state-file"
    LIST_EXPORT = "list-export"


class DateOrder(StrEnum):
    """In which order a date's numbers stand, and what stands between them."""

    MONTH_DAY_YEAR = "m/d/y"
    YEAR_MONTH_DAY = "y-m-d"


@dataclass(frozen=True)
class Profile:
    """One layout. Columns are named as the file's owner names them, in `columns` or the header.

    `fields` maps a field of `ParsedVoter` to the columns that may hold it, best first; `phones`
    maps columns to the kind of line, in the order of calling; `votes` and `vote_header` find the
    columns of past votes; `shapes` is what the columns of a file without a header look like.
    """

    name: str
    title: str
    kind: Kind
    state: str
    delimiter: str
    key: str
    fields: Mapping[str, tuple[str, ...]]
    statuses: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    genders: Mapping[str, str] = field(default_factory=lambda: {"F": "F", "M": "M"})
    counties: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, str] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)
    votes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    vote_header: re.Pattern[str] | None = None
    date_order: DateOrder = DateOrder.MONTH_DAY_YEAR
    columns: tuple[str, ...] = ()
    column_counts: frozenset[int] = frozenset()
    required: tuple[str, ...] = ()
    shapes: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    integer_key: bool = False

    @property
    def has_header(self) -> bool:
        """Whether the file's first row names its columns."""
        return not self.columns
