"""The side files of a county's export: what its numbered elections and districts are.

Give the outcome of both, joined, to `read_rows` as `names`; without them the usual names stand.
"""

import csv
import re
from collections import defaultdict

from services.voters.domain.voter import SideNames

_COLUMNS = 4
_DATE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
_DISTRICTS = {
    "PR": "precinct",
    "SCH": "school",
    "STH": "state_house",
    "STS": "state_senate",
    "USC": "congress",
    "CO": "county",
}
_KINDS = ("primary", "special", "municipal", "general")
_NOT_WORD = re.compile(r"\W+")


def read_election_map(text: str) -> SideNames:
    """Pennsylvania's Election Map: per county, `election_1` → `2022-11-08/general`."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for county, number, title, held_on in _rows(text):
        found = _DATE.fullmatch(held_on)
        if found:
            month, day, year = map(int, found.groups())
            kind = next((kind for kind in _KINDS if kind in title.lower()), "election")
            names[county.upper()][f"election_{number}"] = f"{year}-{month:02}-{day:02}/{kind}"
    return names


def read_zone_types(text: str) -> SideNames:
    """Pennsylvania's Zone Types: per county, `District 6` → `state_house`."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for county, number, short, long in _rows(text):
        slug = _NOT_WORD.sub("_", long.lower()).strip("_")
        names[county.upper()][f"District {number}"] = _DISTRICTS.get(short.upper(), slug)
    return names


def join(*several: SideNames) -> SideNames:
    """Several counties' and side files' names as one."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for one in several:
        for county, of_county in one.items():
            names[county].update(of_county)
    return names


def _rows(text: str) -> list[list[str]]:
    rows = csv.reader(text.splitlines(), delimiter="\t")
    return [[cell.strip() for cell in row] for row in rows if len(row) == _COLUMNS]
