"""One row's cells made into a voter, by a plan that is worked out once a file."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from services.voters.domain.layout import Layout
from services.voters.domain.names import middle_name, without_suffix
from services.voters.domain.phones import Phone, read_phones
from services.voters.domain.values import UNREADABLE_ZIP, read_count, read_date, read_year, read_zip
from services.voters.domain.voter import Cursor, Flaw, Mailing, ParsedVoter, SideNames, Vote

_METHODS = {"AP": "polls", "AB": "absentee", "MB": "mail", "P": "provisional"}
_VOTED = "X"
_ABSENT = -1
_LOST_CHARACTER = "\ufffd"
_NOTHING: Mapping[str, str] = {}

Text = Callable[[str], str]


class NoVoter(Exception):
    """The row cannot be taken over: in which column, and why, as a sentence."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


class RowPlan:
    """Where each field stands in this file, and what its codes mean."""

    def __init__(self, layout: Layout, names: SideNames) -> None:
        profile = layout.profile
        self._profile = profile
        self._columns = layout.columns
        self._names = names
        self._at = {field: _first(layout, columns) for field, columns in profile.fields.items()}
        self._phones = _standing(layout, profile.phones.items())
        self._districts = _standing(layout, profile.districts.items())
        self._votes = _votes(layout)

    def voter(self, cells: list[str], number: int, cursor: Cursor) -> ParsedVoter:
        """The voter of a row that has the right number of cells; NoVoter if there is none.

        One blank cell is appended to `cells`: there every field stands that this file lacks.
        """
        flaws: list[Flaw] = []
        cells.append("")
        at = self._at

        def text(field: str) -> str:
            return cells[at.get(field, _ABSENT)].strip()

        key = self._key(text)
        last_name, suffix = self._surname(text, flaws)
        zip5, zip4 = self._zip(text, flaws)
        county = self._profile.counties.get(text("county").lstrip("0"), text("county"))
        names = self._names.get(county.upper(), _NOTHING)
        birth_date, birth_year = self._birth(text, flaws)
        return ParsedVoter(
            state_voter_id=text("state_voter_id").upper(),
            county_voter_id=text("county_voter_id"),
            van_id=key if self._profile.key == "van_id" else "",
            title=text("title"),
            first_name=text("first_name"),
            middle_name=middle_name(text("middle_name")),
            last_name=last_name,
            suffix=suffix,
            birth_date=birth_date,
            birth_year=birth_year,
            age=read_count(text("age")),
            gender=self._profile.genders.get(text("gender").upper(), ""),
            party=self._party(text),
            language=text("language"),
            status=self._status(text, flaws),
            status_changed_on=self._date("status_changed_on", text, flaws),
            registered_on=self._date("registered_on", text, flaws),
            registration_method=text("registration_method"),
            changed_on=self._date("changed_on", text, flaws),
            last_voted_on=self._date("last_voted_on", text, flaws),
            permanent_absentee=_yes_or_no(text("permanent_absentee")),
            house_number=text("house_number"),
            house_number_suffix=text("house_number_suffix"),
            street=_together(text, "street_prefix", "street", "street_type", "street_suffix"),
            unit=_together(text, "unit_type", "unit"),
            address_line_2=text("address_line_2"),
            city=text("city"),
            state=text("state").upper() or self._profile.state,
            zip5=zip5,
            zip4=zip4,
            county=county,
            mailing=_mailing(text),
            precinct=text("precinct"),
            precinct_split=text("precinct_split"),
            districts=self._read_districts(cells, names),
            votes=self._read_votes(cells, names),
            phones=self._read_phones(cells, flaws),
            flaws=tuple(flaws),
            row=number,
            cursor=cursor,
        )

    def _column(self, field: str) -> str:
        at = self._at[field]
        return self._profile.fields[field][0] if at == _ABSENT else self._columns[at]

    def _key(self, text: Text) -> str:
        key, column = text(self._profile.key), self._column(self._profile.key)
        if not key:
            raise NoVoter(column, f"The row has no {column}: it cannot be matched to a voter.")
        if not self._profile.integer_key:
            return key
        count = read_count(key)
        if count is None:
            raise NoVoter(column, f"The {column} is not a whole number.")
        return str(count)

    def _surname(self, text: Text, flaws: list[Flaw]) -> tuple[str, str]:
        last_name, suffix = without_suffix(text("last_name"), text("suffix"))
        if not last_name and not text("first_name"):
            raise NoVoter(self._column("last_name"), "The row has neither a first nor a last name.")
        if _LOST_CHARACTER in last_name or _LOST_CHARACTER in text("first_name"):
            flaws.append(Flaw(self._column("last_name"), "A letter of the name could not be read."))
        return last_name, suffix

    def _party(self, text: Text) -> str:
        code = text("party").upper()
        return self._profile.parties.get(code, code)

    def _status(self, text: Text, flaws: list[Flaw]) -> str:
        if not self._profile.statuses:
            return ""
        status = self._profile.statuses.get(text("status").upper())
        if status is None:
            flaws.append(Flaw(self._column("status"), "This status is not known: do not call."))
        return status or "unknown"

    def _date(self, field: str, text: Text, flaws: list[Flaw]) -> date | None:
        value = read_date(text(field), self._profile.date_order)
        if isinstance(value, str):
            flaws.append(Flaw(self._column(field), value))
            return None
        return value

    def _birth(self, text: Text, flaws: list[Flaw]) -> tuple[date | None, int | None]:
        year = read_year(text("birth_date"))
        if year is not None:
            return None, year
        day = self._date("birth_date", text, flaws)
        return day, day.year if day else None

    def _zip(self, text: Text, flaws: list[Flaw]) -> tuple[str, str]:
        if not text("zip"):
            return "", ""
        found = read_zip(text("zip"))
        if found is None:
            flaws.append(Flaw(self._column("zip"), UNREADABLE_ZIP))
            return "", ""
        return found[0], found[1] or text("zip4")

    def _read_districts(
        self, cells: list[str], names: Mapping[str, str]
    ) -> tuple[tuple[str, str], ...]:
        return tuple(
            sorted(
                (names.get(column, name), cells[at].strip())
                for column, at, name in self._districts
                if cells[at].strip()
            )
        )

    def _read_votes(self, cells: list[str], names: Mapping[str, str]) -> tuple[Vote, ...]:
        votes = []
        for name, method_at, party_at in self._votes:
            method, party = cells[method_at].strip(), cells[party_at].strip()
            if method or party:
                party = "" if party == _VOTED else self._profile.parties.get(party, party)
                votes.append(Vote(names.get(name, name), _METHODS.get(method, method), party))
        return tuple(sorted(votes))

    def _read_phones(self, cells: list[str], flaws: list[Flaw]) -> tuple[Phone, ...]:
        """The lines in the order of calling, each once, with the most telling kind."""
        lines: dict[str, Phone] = {}
        for column, at, kind in self._phones:
            if not cells[at]:
                continue
            phones, faults = read_phones(cells[at], kind)
            flaws.extend(Flaw(column, fault.value) for fault in faults)
            for phone in phones:
                seen = lines.get(phone.e164)
                if seen is None or seen.kind == "preferred":
                    lines[phone.e164] = phone
        return tuple(lines.values())


def _first(layout: Layout, columns: Iterable[str]) -> int:
    positions = (layout.position(column) for column in columns)
    return next((at for at in positions if at is not None), _ABSENT)


def _standing(layout: Layout, named: Iterable[tuple[str, str]]) -> list[tuple[str, int, str]]:
    """The columns that this file has: name, place, what they are called here."""
    places = ((column, layout.position(column), name) for column, name in named)
    return [(column, at, name) for column, at, name in places if at is not None]


def _votes(layout: Layout) -> list[tuple[str, int, int]]:
    """Election, place of the method and place of the party, for each column of past votes."""
    found = []
    for name, (method, party) in layout.profile.votes.items():
        places = layout.position(method), layout.position(party)
        if places[0] is not None and places[1] is not None:
            found.append((name, places[0], places[1]))
    pattern = layout.profile.vote_header
    for at, column in enumerate(layout.columns if pattern else ()):
        held = pattern.fullmatch(column.upper()) if pattern else None
        if held:
            day = f"{held['year']}-{held['month']}-{held['day']}"
            found.append((f"{day}/{held['kind'].lower()}", _ABSENT, at))
    return found


def _mailing(text: Text) -> Mailing | None:
    mailing = Mailing(
        text("mail_line_1"),
        text("mail_line_2"),
        text("mail_city"),
        text("mail_state"),
        text("mail_zip"),
        text("mail_country"),
    )
    return None if mailing == Mailing() else mailing


def _together(text: Text, *fields: str) -> str:
    return " ".join(part for part in map(text, fields) if part)


def _yes_or_no(value: str) -> bool | None:
    return value.upper() in {"1", "Y", "YES", "TRUE"} if value else None
