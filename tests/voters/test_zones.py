"""Time zones of residences: every one that is possible, and only those."""

from zoneinfo import ZoneInfo

import pytest

from services.voters.domain.county_zones import COUNTY_ZONES
from services.voters.domain.zones import ZONES, zones_of

EASTERN = "America/New_York"
CENTRAL = "America/Chicago"
MOUNTAIN = "America/Denver"
ARIZONA = "America/Phoenix"
PACIFIC = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("zip5", "county", "state", "zones"),
    [
        ("18102", "LEHIGH", "PA", [EASTERN]),
        ("18102-1234", "", "", [EASTERN]),
        # Kentucky: no county is split, one ZIP is in doubt, nothing known leaves both.
        ("40202", "", "KY", [EASTERN]),
        ("42101", "", "KY", [CENTRAL]),
        ("42757", "", "KY", [EASTERN, CENTRAL]),
        ("", "Hart County", "KY", [CENTRAL]),
        ("", "WAYNE", "KY", [EASTERN]),
        ("", "Mc Cracken", "ky", [CENTRAL]),
        ("", "", "KY", [EASTERN, CENTRAL]),
        ("", "Atlantis", "KY", [EASTERN, CENTRAL]),
        # Gulf County, Florida, is split: the ZIP tells, the county does not.
        ("32456", "Gulf", "FL", [EASTERN]),
        ("32465", "Gulf", "FL", [CENTRAL]),
        ("", "Gulf", "FL", [EASTERN, CENTRAL]),
        ("32501", "", "FL", [CENTRAL]),
        # Arizona keeps one time all year; the Navajo Nation, with the Hopi inside it, does not.
        ("85001", "Maricopa", "AZ", [ARIZONA]),
        ("86505", "", "AZ", [MOUNTAIN, ARIZONA]),
        ("", "Apache", "AZ", [MOUNTAIN, ARIZONA]),
        ("", "Pima", "AZ", [ARIZONA]),
        # Indiana, Tennessee, Michigan, the Dakotas, Nebraska, Kansas, Texas, Idaho, Oregon.
        ("", "LaPorte", "IN", [CENTRAL]),
        ("", "La Porte County", "IN", [CENTRAL]),
        ("46204", "Marion", "IN", [EASTERN]),
        ("", "St. Joseph", "IN", [EASTERN]),
        ("", "Saint Joseph", "IN", [EASTERN]),
        ("37902", "Knox", "TN", [EASTERN]),
        ("37201", "Davidson", "TN", [CENTRAL]),
        ("", "Gogebic", "MI", [CENTRAL]),
        ("", "Wayne", "MI", [EASTERN]),
        ("", "Stark", "ND", [MOUNTAIN]),
        ("", "Pennington", "SD", [MOUNTAIN]),
        ("", "Cherry", "NE", [CENTRAL, MOUNTAIN]),
        ("67735", "", "KS", [MOUNTAIN]),
        ("79901", "", "TX", [MOUNTAIN]),
        ("", "Harris", "TX", [CENTRAL]),
        ("83814", "", "ID", [PACIFIC]),
        ("", "Malheur", "OR", [MOUNTAIN, PACIFIC]),
        ("97201", "", "OR", [PACIFIC]),
        ("36867", "", "AL", [EASTERN, CENTRAL]),
        ("89883", "", "NV", [MOUNTAIN, PACIFIC]),
        ("99546", "", "AK", ["America/Adak"]),
        ("96813", "", "HI", ["Pacific/Honolulu"]),
        ("00901", "", "PR", ["America/Puerto_Rico"]),
        ("", "", "VI", ["America/Puerto_Rico"]),
        ("", "", "GU", ["Pacific/Guam"]),
        ("96799", "", "AS", ["Pacific/Pago_Pago"]),
        ("20001", "", "DC", [EASTERN]),
        # Evidence that contradicts itself stays in doubt.
        ("90210", "", "PA", [EASTERN, PACIFIC]),
        ("40202", "Hart", "KY", [EASTERN, CENTRAL]),
        # What is no ZIP is no evidence; an address of the armed forces neither.
        ("1810", "", "PA", [EASTERN]),
        ("٣٤٥٦٧", "", "PA", [EASTERN]),
        ("09012", "", "KY", [EASTERN, CENTRAL]),
    ],
)
def test_the_zones_of_a_residence(zip5: str, county: str, state: str, zones: list[str]) -> None:
    assert list(zones_of(zip5, county, state)) == zones


def test_nothing_known_means_all_fifty_states() -> None:
    assert len(zones_of("", "", "")) == 8
    assert zones_of("09012", "", "AE") == zones_of("", "", "")


def test_every_zone_exists_and_every_state_has_one() -> None:
    for name in ZONES.values():
        assert ZoneInfo(name).key == name
    states = (
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
        "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU MP AS"
    )
    for state in states.split():
        assert zones_of("", "", state) != zones_of("", "", "")


@pytest.mark.parametrize(
    ("state", "central"),
    # Kentucky without Wayne, which left in 2000; Indiana since 2007; Florida beside half of Gulf.
    [("KY", 41), ("IN", 12), ("MI", 4), ("FL", 9)],
)
def test_the_central_counties_are_as_many_as_the_rule_says(state: str, central: int) -> None:
    assert len(COUNTY_ZONES[state]["C"].split()) == central


@pytest.mark.parametrize(
    ("state", "counties"),
    [("KY", 120), ("IN", 92), ("TN", 95), ("TX", 254), ("FL", 67), ("MI", 83), ("NE", 93),
     ("ND", 53), ("KS", 105), ("ID", 44), ("OR", 36), ("AZ", 15), ("AL", 67), ("NV", 17)],
)  # fmt: skip
def test_no_county_of_a_split_state_is_missing(state: str, counties: int) -> None:
    names = [name for group in COUNTY_ZONES[state].values() for name in group.split()]
    assert len(names) == len(set(names)) == counties
