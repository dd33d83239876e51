"""A voter as a row of a file tells it, and a row that could not be read, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.voters.domain.names import matched
from services.voters.domain.phones import Phone


class Cursor(NamedTuple):
    """Where reading goes on: the next byte of the file, and the number of the row beginning there.

    Row 1 is the first after the header. Kept durably, it lets another process continue.
    """

    offset: int
    row: int


class Flaw(NamedTuple):
    """What was wrong with a value that was left out or repaired, and in which column."""

    column: str
    reason: str


class Vote(NamedTuple):
    """That a voter voted: `2022-11-08/general`, how if known, the party of the ballot if told."""

    election: str
    method: str
    party: str


@dataclass(frozen=True, slots=True)
class Mailing:
    """Where the voter's mail goes. Never evidence of a time zone."""

    line_1: str = ""
    line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedVoter:
    """One voter of a file; an empty text, None or an empty tuple is what the file does not tell.

    `status` is active, inactive, cancelled, unknown (a code that no table has) or "" (no status in
    the file); `party` is D, R, L, G, I, N (none, in so many words), "" (nothing said) or the file's
    own code. `districts` and `votes` are sorted by name. Two voters are equal when the file says
    the same of them, wherever it stands.
    """

    state_voter_id: str = ""
    county_voter_id: str = ""
    van_id: str = ""
    title: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    birth_year: int | None = None
    age: int | None = None
    gender: str = ""
    party: str = ""
    language: str = ""
    status: str = ""
    status_changed_on: date | None = None
    registered_on: date | None = None
    registration_method: str = ""
    changed_on: date | None = None
    last_voted_on: date | None = None
    permanent_absentee: bool | None = None
    house_number: str = ""
    house_number_suffix: str = ""
    street: str = ""
    unit: str = ""
    address_line_2: str = ""
    city: str = ""
    state: str = ""
    zip5: str = ""
    zip4: str = ""
    county: str = ""
    mailing: Mailing | None = None
    precinct: str = ""
    precinct_split: str = ""
    districts: tuple[tuple[str, str], ...] = ()
    votes: tuple[Vote, ...] = ()
    phones: tuple[Phone, ...] = ()
    flaws: tuple[Flaw, ...] = field(default=(), compare=False)
    row: int = field(default=0, compare=False)
    cursor: Cursor = field(default=Cursor(0, 0), compare=False)

    @property
    def street_address(self) -> str:
        """The residence in one line, without city: `2292 1/2 SALTBOX WAY APT 04B`."""
        parts = (self.house_number, self.house_number_suffix, self.street, self.unit)
        return " ".join(part for part in parts if part)

    @property
    def address_key(self) -> str:
        """The same for all voters at one residence and unit; empty without a street."""
        return matched(f"{self.street_address} {self.zip5}") if self.street else ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not taken over: its number, the column, a sentence why, and its own text.

    `raw` is a person's data: it belongs in the file to download, never in a fact or a log.
    """

    row: int
    column: str
    reason: str
    raw: str
    cursor: Cursor


SideNames = Mapping[str, Mapping[str, str]]


def is_other_person(one: ParsedVoter, other: ParsedVoter) -> bool:
    """Whether two rows with one id can hardly be one person: report them, do not merge them.

    A changed surname alone, or a corrected birth date alone, is the same person.
    """
    differences = (
        matched(one.last_name) != matched(other.last_name),
        matched(one.first_name) != matched(other.first_name),
        bool(one.birth_date and other.birth_date and one.birth_date != other.birth_date),
    )
    return sum(differences) > 1
