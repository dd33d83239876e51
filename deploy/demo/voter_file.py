"""A made-up Pennsylvania Full Voter Export, in the real layout, as large as one likes.

    python -m deploy.demo.voter_file "DEMO FVE 20260930.txt" --rows 5000

Households share lines, some voters have none, some numbers are dirty, and a few rows are broken so
that an import has something to refuse. Every usable number is NPA-555-0100 to 0199, kept for
fiction; there are 35,900 of them, and households beyond that have no phone. The same seed gives the
same bytes.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from deploy.demo import area_codes
from deploy.demo.people import (
    COUNTIES,
    COUNTY_WEIGHTS,
    ELECTIONS,
    FIRST_NAMES,
    PARTICLES,
    STREET_TYPES,
    STREETS,
    SURNAMES,
    ZONE_TYPES,
    County,
)

ROWS_DEFAULT = 5_000
SEED_DEFAULT = 2026
FAULTY_ROWS_MAX = 20

_ROWS_PER_FAULT = 250
_EXPORTED_ON = date(2026, 9, 30)
_DISTRICTS = 40
_ELECTIONS = 40
_FIRST_ID = 990_000_001
_NO_PHONE_SHARE = 0.15
_HOUSEHOLD_SIZES = (1, 2, 3)
_HOUSEHOLD_WEIGHTS = (65, 25, 10)
_UNUSABLE_SHARE = 0.02
_ODD_SPELLING_SHARE = 0.1
_ZIP4_SHARE = 0.1
_FLAT_SHARE = 0.15
_PARTICLE_SHARE = 0.02
_MIDDLE_NAME_SHARE = 0.7
_JUNIOR_SHARE = 0.01
_INACTIVE_SHARE = 0.07
_VOTING_AGE_DAYS = 18 * 366
_OLDEST_DAYS = 95 * 365
_UNUSABLE = ("0000000000", "9999999999", "5550142", "610555", "610-555-CALL", "1234567890")
_SPELLINGS = ("({0}) {1}-{2}", "{0}-{1}-{2}", "1-{0}-{1}-{2}", "{0}.{1}.{2}", "1-{0}-{1}-{2} x2")
_PARTIES = ("D", "R", "NF", "NOP", "IND", "LN", "GR", "")
_PARTY_WEIGHTS = (42, 38, 8, 4, 3, 2, 1, 2)
_METHODS = ("AP", "MB", "AB", "P")
_METHOD_WEIGHTS = (65, 28, 6, 1)
_REGISTRATION_METHODS = ("DL", "ONLINE", "MAIL", "IN PERSON")


@dataclass(frozen=True)
class Export:
    """What was written: rows, those an import must refuse, and what is in the others."""

    rows: int
    rejected: int
    voters: int
    without_phone: int
    lines: int
    shared_lines: int
    files: tuple[Path, ...]


@dataclass(frozen=True)
class _Household:
    """Who lives at one door, with one line or none."""

    county: County
    town: str
    zip_code: str
    surname: str
    number: str
    street: str
    unit: str
    precinct: str
    house: str
    senate: str
    phone: str
    line: str
    size: int


def write_export(path: Path, rows: int = ROWS_DEFAULT, seed: int = SEED_DEFAULT) -> Export:
    """Write the export to `path` and its three side files beside it; files there are replaced."""
    chance = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    faults = min(FAULTY_ROWS_MAX, rows // _ROWS_PER_FAULT)
    faulty = set(chance.sample(range(rows), faults))
    voters_by_line: Counter[str] = Counter()
    without_phone = 0
    written = []
    for row, (household, cells) in enumerate(_people(chance, rows)):
        if row in faulty:
            cells = _broken(cells, len(faulty))  # noqa: PLW2901 - the row, broken on purpose
            faulty.discard(row)
        elif household.line:
            voters_by_line[household.line] += 1
        else:
            without_phone += 1
        written.append(_quoted(cells))
    path.write_text("".join(written), encoding="utf-8", newline="")
    return Export(
        rows=rows,
        rejected=faults,
        voters=rows - faults,
        without_phone=without_phone,
        lines=len(voters_by_line),
        shared_lines=sum(count > 1 for count in voters_by_line.values()),
        files=(path, *_write_side_files(path)),
    )


def _people(chance: random.Random, rows: int) -> Iterator[tuple[_Household, list[str]]]:
    """`rows` voters, household by household, each with the cells of a row."""
    numbers = _numbers(chance)
    row = 0
    while row < rows:
        household = _household(chance, numbers)
        for _ in range(min(household.size, rows - row)):
            yield household, _cells(chance, household, row)
            row += 1


def _numbers(chance: random.Random) -> Iterator[str]:
    """Every number that is kept for fiction, once: those of Pennsylvania first."""
    for codes in (area_codes.PENNSYLVANIA, area_codes.ELSEWHERE):
        numbers = [f"{code}55501{last:02}" for code in codes for last in range(100)]
        chance.shuffle(numbers)
        yield from numbers


def _household(chance: random.Random, numbers: Iterator[str]) -> _Household:
    county = chance.choices(COUNTIES, COUNTY_WEIGHTS)[0]
    town, zip_code = chance.choice(county.towns)
    phone, line = _phone(chance, numbers)
    surname = chance.choice(SURNAMES)
    if chance.random() < _PARTICLE_SHARE:
        surname = chance.choice(PARTICLES) + surname
    ward = chance.randrange(1, 20)
    return _Household(
        county=county,
        town=town,
        zip_code=zip_code + _sometimes(chance, _ZIP4_SHARE, str(chance.randrange(1000, 9999))),
        surname=surname,
        number=str(chance.randrange(1, 4_000)),
        street=f"{chance.choice(STREETS)} {chance.choice(STREET_TYPES)}",
        unit=_sometimes(chance, _FLAT_SHARE, f"APT {chance.randrange(1, 40):02}"),
        precinct=f"{ward:02}{chance.randrange(1, 9):02}",
        house=chance.choice(county.house),
        senate=chance.choice(county.senate),
        phone=phone,
        line=line,
        size=chance.choices(_HOUSEHOLD_SIZES, _HOUSEHOLD_WEIGHTS)[0],
    )


def _phone(chance: random.Random, numbers: Iterator[str]) -> tuple[str, str]:
    """The phone as the file spells it, and the line behind it; the line is "" if there is none."""
    share = chance.random()
    if share < _NO_PHONE_SHARE:
        return "", ""
    if share < _NO_PHONE_SHARE + _UNUSABLE_SHARE:
        return chance.choice(_UNUSABLE), ""
    line = next(numbers, "")
    if line and chance.random() < _ODD_SPELLING_SHARE:
        return chance.choice(_SPELLINGS).format(line[:3], line[3:6], line[6:]), line
    return line, line


def _cells(chance: random.Random, household: _Household, row: int) -> list[str]:
    age_days = chance.randrange(_VOTING_AGE_DAYS, _OLDEST_DAYS)
    registered_days = chance.randrange(age_days - _VOTING_AGE_DAYS + 1)
    born = _EXPORTED_ON - timedelta(days=age_days)
    registered = _EXPORTED_ON - timedelta(days=registered_days)
    status = _sometimes(chance, _INACTIVE_SHARE, "I") or "A"
    party = chance.choices(_PARTIES, _PARTY_WEIGHTS)[0]
    votes, last_vote = _votes(chance, registered, party)
    place = household
    return [
        f"{_FIRST_ID + row:09}-{place.county.number:02}", "",
        place.surname, chance.choice(FIRST_NAMES),
        _sometimes(chance, _MIDDLE_NAME_SHARE, chance.choice(FIRST_NAMES)),
        _sometimes(chance, _JUNIOR_SHARE, "JR"),
        chance.choice("FM"), _day(born), _day(registered), status, _day(registered), party,
        place.number, "", place.street, place.unit, "", place.town, "PA", place.zip_code,
        "", "", "", "", "", last_vote, place.precinct, "", _day(registered), str(700_000 + row),
        *_districts(place),
        *votes,
        place.phone, place.county.name, "", chance.choice(_REGISTRATION_METHODS),
    ]  # fmt: skip


def _votes(chance: random.Random, registered: date, party: str) -> tuple[list[str], str]:
    """The 40 pairs of method and party, and the day of the last vote."""
    zeal = chance.random()
    cells, last = [], ""
    for title, held_on in ELECTIONS:
        month, day, year = map(int, held_on.split("/"))
        weight = 1.4 if title == "GENERAL ELECTION" else 0.7
        if registered < date(year, month, day) and chance.random() < zeal * weight:
            cells += [chance.choices(_METHODS, _METHOD_WEIGHTS)[0], party]
            last = last or held_on
        else:
            cells += ["", ""]
    return cells + [""] * (2 * (_ELECTIONS - len(ELECTIONS))), last


def _districts(place: _Household) -> list[str]:
    cells = [""] * _DISTRICTS
    codes = {
        1: f"PR{place.precinct}",
        3: f"SCH{place.zip_code[3:5]}",
        6: f"STH{place.house}",
        7: f"STS{place.senate}",
        8: f"USC{place.county.congress}",
        9: f"CO{place.county.number:02}",
    }
    for number, code in codes.items():
        cells[number - 1] = code
    return cells


def _broken(cells: list[str], which: int) -> list[str]:
    """The row with one of the faults that an import must refuse."""
    ways = (
        [*cells[:4], *cells[5:]],  # a tab was lost
        [*cells[:14], "REAR", *cells[14:]],  # a tab too many
        ["", *cells[1:]],  # no id
        [*cells[:2], "", "", *cells[4:]],  # nobody's name
        cells[:60],  # cut off
    )
    return ways[which % len(ways)]


def _sometimes(chance: random.Random, share: float, text: str) -> str:
    return text if chance.random() < share else ""


def _day(day: date) -> str:
    return f"{day.month:02}/{day.day:02}/{day.year}"


def _quoted(cells: Sequence[str]) -> str:
    return '"' + '"\t"'.join(cells) + '"\r\n'


def _write_side_files(path: Path) -> tuple[Path, ...]:
    """Election Map, Zone Codes and Zone Types, named as the state names them."""
    elections, codes, types = [], [], []
    for county in COUNTIES:
        name = county.name
        for number, (title, held_on) in enumerate(ELECTIONS, start=1):
            elections.append((name, str(number), title, held_on))
        types += [(name, str(number), short, long) for number, short, long in ZONE_TYPES]
        codes += [(name, "6", f"STH{code}", f"{code} LEGISLATIVE") for code in county.house]
        codes += [(name, "7", f"STS{code}", f"{code} SENATORIAL") for code in county.senate]
        codes.append((name, "8", f"USC{county.congress}", f"{county.congress} CONGRESSIONAL"))
        codes.append((name, "9", f"CO{county.number:02}", f"{name} COUNTY"))
    sides = (("Election Map", elections), ("Zone Codes", codes), ("Zone Types", types))
    return tuple(_write_side_file(path, title, rows) for title, rows in sides)


def _write_side_file(path: Path, title: str, rows: Sequence[Sequence[str]]) -> Path:
    stem = path.stem.replace("FVE", title) if "FVE" in path.stem else f"{path.stem} {title}"
    side = path.with_name(f"{stem}{path.suffix}")
    side.write_text("".join(map(_quoted, rows)), encoding="utf-8", newline="")
    return side


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write a made-up Pennsylvania voter file.")
    parser.add_argument("out", type=Path, help="the file to write, e.g. 'DEMO FVE 20260930.txt'")
    parser.add_argument("--rows", type=int, default=ROWS_DEFAULT)
    parser.add_argument("--seed", type=int, default=SEED_DEFAULT)
    chosen = parser.parse_args(arguments)
    export = write_export(chosen.out, chosen.rows, chosen.seed)
    sys.stdout.write(
        f"{export.rows:,} rows, {export.rejected} of them broken on purpose; {export.lines:,} "
        f"lines, {export.shared_lines:,} of them shared; {export.without_phone:,} voters without.\n"
    )


if __name__ == "__main__":
    main()
