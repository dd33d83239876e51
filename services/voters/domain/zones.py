"""Where a voter's clock may stand: the time zones of a residence, every one that is possible.

Evidence, best first: the ZIP, else the county, else the state, else the fifty states. A phone's
area code is no evidence, nor is a mailing address. Doubt is never resolved by guessing: a ZIP or
county that is split, and pieces of evidence that contradict each other, give all zones, and a
voter is called only when each of them allows it.

Sources: states and split counties from 49 CFR part 71; ZIPs and counties as told in `zip_zones` and
`county_zones`. Zones that have shown the same clock since 2007 go by one name (Detroit, Louisville
and most of Indiana by New York), because they are compared by what the clock shows.
"""

import re
from functools import cache, lru_cache
from itertools import chain

from services.voters.domain.county_zones import COUNTY_ZONES
from services.voters.domain.zip_zones import PREFIX_ZONES, ZIP_ZONES

ZONES = {
    "R": "America/Puerto_Rico",
    "E": "America/New_York",
    "C": "America/Chicago",
    "M": "America/Denver",
    "P": "America/Phoenix",
    "W": "America/Los_Angeles",
    "A": "America/Anchorage",
    "X": "America/Adak",
    "H": "Pacific/Honolulu",
    "S": "Pacific/Pago_Pago",
    "G": "Pacific/Guam",
}

_STATES_BY_ZONE = {
    "E": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "C": "AR IA IL LA MN MO MS OK WI",
    "M": "CO MT NM UT WY",
    "W": "CA WA",
    "H": "HI",
    "R": "PR VI",
    "G": "GU MP",
    "S": "AS",
    # Several zones, or one by rule and another by habit.
    "AX": "AK",
    "CE": "AL FL IN KY MI TN",
    "MP": "AZ",
    "MW": "ID NV OR",
    "CM": "KS ND NE SD TX",
}
_STATE_ZONES = {
    state: letters for letters, states in _STATES_BY_ZONE.items() for state in states.split()
}
_FIFTY_STATES = "ECMPWAXH"

_COUNTY_WORDS = re.compile(
    r"\b(?:city and borough|municipality of|census area|municipality|borough|county|parish)\b"
)
_NOT_LETTERS = re.compile(r"[^a-z]")


def zones_of(zip5: str, county: str, state: str) -> tuple[str, ...]:
    """The IANA zones a residence may be in, from east to west: never none, usually one.

    `zip5` may carry a +4; `county` is a name in any spelling of case, spaces and "County"; `state`
    is the two-letter code. An empty or unknown value is no evidence.
    """
    return _zones_of(zip5.strip()[:5], county, state.strip().upper())


@lru_cache(maxsize=65_536)
def _zones_of(zip5: str, county: str, state: str) -> tuple[str, ...]:
    of_zip = _zip_table().get(zip5) or _prefix_table().get(zip5[:3] if _is_zip(zip5) else "", "")
    of_county = _county_table(state).get(_county_key(county), "")
    of_state = _STATE_ZONES.get(state, "")
    letters = set(of_zip or of_county or of_state or _FIFTY_STATES)
    # One of two contradicting pieces is wrong and nobody knows which: both stay possible.
    for other in (of_county, of_state):
        if other and letters.isdisjoint(other):
            letters.update(other)
    return tuple(name for letter, name in ZONES.items() if letter in letters)


def _is_zip(text: str) -> bool:
    return len(text) == 5 and text.isascii() and text.isdigit()  # noqa: PLR2004 - a ZIP's length


def _county_key(name: str) -> str:
    plain = _COUNTY_WORDS.sub("", name.casefold())
    key = _NOT_LETTERS.sub("", plain)
    return "st" + key.removeprefix("saint") if key.startswith("saint") else key


@cache
def _county_table(state: str) -> dict[str, str]:
    groups = COUNTY_ZONES.get(state, {})
    return {name: letters for letters, names in groups.items() for name in names.split()}


@cache
def _prefix_table() -> dict[str, str]:
    return dict(chain.from_iterable(map(_spread, PREFIX_ZONES.split())))


@cache
def _zip_table() -> dict[str, str]:
    return dict(chain.from_iterable(map(_spread, ZIP_ZONES.split())))


def _spread(entry: str) -> list[tuple[str, str]]:
    """Every code of an entry such as `32459-66:C` or `005:E`, with its letters."""
    codes, letters = entry.split(":")
    first, _, last = codes.partition("-")
    last = first[: len(first) - len(last)] + last
    return [(f"{n:0{len(first)}}", letters) for n in range(int(first), int(last) + 1)]
