"""The sample files: each listed fault is met as the list says, and nothing else is found wrong."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from services.voters.domain.layout import recognise
from services.voters.domain.names import matched, shown
from services.voters.domain.voter import ParsedVoter, RejectedRow, is_other_person
from services.voters.domain.voter_file import Row, read_rows
from services.voters.domain.zones import zones_of

FILES = Path(__file__).parent / "files"
LEHIGH = "LEHIGH FVE 20240930.txt"
OHIO = "SWVF_1_22.txt"
VAN = "van_list_export.csv"

Rows = dict[int, Row]
Check = Callable[[Rows, int], bool]


def _rows(name: str) -> Rows:
    with (FILES / name).open("rb") as file:
        layout = recognise(file.read(65_536))
        return {row.row: row for row in read_rows(file, layout)}


@pytest.fixture(scope="module")
def samples() -> dict[str, Rows]:
    """Every sample that has a profile, read once."""
    return {name: _rows(name) for name in (LEHIGH, OHIO, VAN)}


def _flaws(row: Row) -> list[str]:
    assert isinstance(row, ParsedVoter)
    return [flaw.column for flaw in row.flaws]


def _lines(row: Row) -> list[str]:
    assert isinstance(row, ParsedVoter)
    return [phone.e164 for phone in row.phones]


def _has(**wanted: object) -> Check:
    return lambda rows, at: all(getattr(rows[at], name) == value for name, value in wanted.items())


def _phone_refused(rows: Rows, at: int) -> bool:
    return _lines(rows[at]) == [] and _flaws(rows[at]) == ["Home Phone"]


def _same_voter(rows: Rows, at: int) -> bool:
    return rows[at] == rows[at - 1] and rows[at].row != rows[at - 1].row


def _one_household(rows: Rows, at: int) -> bool:
    one, other = rows[at - 1], rows[at]
    assert isinstance(one, ParsedVoter)
    assert isinstance(other, ParsedVoter)
    return one.address_key == other.address_key != "" and one.last_name == other.last_name


def _one_line_only(rows: Rows, at: int) -> bool:
    one, other = rows[at], rows[at + 1]
    assert isinstance(one, ParsedVoter)
    assert isinstance(other, ParsedVoter)
    return _lines(one) == _lines(other) != [] and one.address_key != other.address_key


def _moved_later(rows: Rows, at: int) -> bool:
    before, after = rows[at - 1], rows[at]
    assert isinstance(before, ParsedVoter)
    assert isinstance(after, ParsedVoter)
    assert before.changed_on
    assert after.changed_on
    return (
        before.state_voter_id == after.state_voter_id
        and after.changed_on > before.changed_on
        and after.street_address == "41 SALTBOX WAY"
        and not is_other_person(before, after)
    )


def _conflict(rows: Rows, at: int) -> bool:
    one, other = rows[at], rows[at + 1]
    assert isinstance(one, ParsedVoter)
    assert isinstance(other, ParsedVoter)
    return one.state_voter_id == other.state_voter_id and is_other_person(one, other)


def _abroad_by_mail(rows: Rows, at: int) -> bool:
    row = rows[at]
    assert isinstance(row, ParsedVoter)
    assert row.mailing
    return bool(row.mailing.country) and zones_of(row.zip5, row.county, row.state) == (
        "America/New_York",
    )


def _unsuffixed(rows: Rows, at: int) -> bool:
    row = rows[at]
    assert isinstance(row, ParsedVoter)
    return (row.last_name, row.suffix) == ("Stonebriar", "Jr")


def _did_not_vote(rows: Rows, at: int) -> bool:
    row = rows[at]
    assert isinstance(row, ParsedVoter)
    return "2022-11-08/general" not in [vote.election for vote in row.votes]


def _last_name(text: str, *, compared: str = "", on_screen: str = "") -> Check:
    def check(rows: Rows, at: int) -> bool:
        row = rows[at]
        assert isinstance(row, ParsedVoter)
        return (
            row.last_name == text
            and matched(text) == (compared or matched(text))
            and shown(text) == (on_screen or shown(text))
        )

    return check


CHECKS: dict[tuple[str, int, str], Check] = {
    (LEHIGH, 2, "Home Phone"): _has(phones=(), flaws=()),
    (LEHIGH, 3, "Home Phone"): _phone_refused,
    (LEHIGH, 4, "Home Phone"): _phone_refused,
    (LEHIGH, 5, "Home Phone"): lambda rows, at: _lines(rows[at]) == ["+16105550147"],
    (LEHIGH, 6, "Home Phone"): lambda rows, at: (
        [(phone.e164, phone.extension) for phone in rows[at].phones]  # type: ignore[union-attr] # a refused row fails here
        == [("+14845550163", "2")]
    ),
    (LEHIGH, 8, "Home Phone"): lambda rows, at: (
        _one_household(rows, at) and _lines(rows[at]) == _lines(rows[at - 1]) != []
    ),
    (LEHIGH, 9, "Last Name"): _last_name("NÚÑEZ-LARKWRIGHT", compared="NUNEZ-LARKWRIGHT"),
    (LEHIGH, 10, "Last Name"): _last_name("O'THISTLEWOOD", on_screen="O'Thistlewood"),
    (LEHIGH, 11, "Last Name"): _last_name("D’ARROWMONT", compared="D'ARROWMONT"),  # noqa: RUF001 - the file's own
    (LEHIGH, 12, "Voter Status"): _has(status="inactive"),
    (LEHIGH, 14, "ID Number"): _same_voter,
    (LEHIGH, 16, "ID Number"): _moved_later,
    (LEHIGH, 17, "Apartment Number"): _has(
        unit="APT 04B", house_number_suffix="1/2", street_address="2292 1/2 SALTBOX WAY APT 04B"
    ),
    (LEHIGH, 18, "Address Line 2"): _has(address_line_2="C/O BRAMBLETON, REAR"),
    (LEHIGH, 19, "Zip"): _has(zip5="18104", zip4="1234", flaws=()),
    (LEHIGH, 20, "DOB"): lambda rows, at: (
        _has(birth_date=None, birth_year=None)(rows, at) and _flaws(rows[at]) == ["DOB"]
    ),
    (LEHIGH, 21, "Party Code"): _has(party=""),
    (LEHIGH, 22, "Mail Country"): _abroad_by_mail,
    (LEHIGH, 23, "Home Phone"): _one_line_only,
    (LEHIGH, 25, "First Name"): _has(first_name="WILLA"),
    (OHIO, 1, "(file)"): lambda rows, _: not any(map(_lines, rows.values())),
    (OHIO, 2, "VOTER_STATUS"): _has(status="inactive"),
    (OHIO, 3, "REGISTRATION_DATE"): _has(registered_on=None),
    (OHIO, 4, "DATE_OF_BIRTH"): _has(birth_date=None, birth_year=None),
    (OHIO, 6, "RESIDENTIAL_ADDRESS1"): _one_household,
    (OHIO, 7, "LAST_NAME"): _last_name("MCYARROWDALE", on_screen="McYarrowdale"),
    (OHIO, 8, "LAST_NAME"): _last_name("BÉCHARDEAU"),
    (OHIO, 9, "LAST_NAME"): _last_name("O'NETTLEFIELD"),
    (OHIO, 10, "COUNTY_NUMBER"): _has(county="Adams"),
    (OHIO, 12, "SOS_VOTERID"): _same_voter,
    (OHIO, 13, "RESIDENTIAL_ADDRESS1"): _has(street="77 MILLRACE GAP RD, LOT 09"),
    (OHIO, 14, "RESIDENTIAL_SECONDARY_ADDR"): _has(unit="APT 0012"),
    (OHIO, 15, "RESIDENTIAL_ZIP"): lambda rows, at: (
        _has(zip5="")(rows, at) and _flaws(rows[at]) == ["RESIDENTIAL_ZIP"]
    ),
    (OHIO, 16, "MAILING_COUNTRY"): _abroad_by_mail,
    (OHIO, 17, "FIRST_NAME"): _has(first_name="", last_name="ZELLERHAUSEN"),
    (OHIO, 18, "LAST_NAME"): _last_name('VARNHOLT "BUD"'),
    (OHIO, 19, "SOS_VOTERID"): _conflict,
    (OHIO, 21, "VOTER_STATUS"): _has(status="active"),
    (OHIO, 22, "PARTY_AFFILIATION"): _has(party="L"),
    (OHIO, 23, "GENERAL-11/08/2022"): _did_not_vote,
    (VAN, 2, "Preferred Phone"): _has(phones=(), flaws=()),
    (VAN, 3, "Preferred Phone"): lambda rows, at: (
        _lines(rows[at]) == ["+15135550119"] and _flaws(rows[at]) == ["Preferred Phone"]
    ),
    (VAN, 4, "Preferred Phone"): lambda rows, at: (
        _lines(rows[at]) == ["+15135550159", "+15135550184"]
        and _flaws(rows[at]) == ["Preferred Phone"]
    ),
    (VAN, 5, "Home Phone"): lambda rows, at: _lines(rows[at])[0] == "+17405550119",
    (VAN, 7, "Preferred Phone"): lambda rows, at: (
        _one_household(rows, at) and _lines(rows[at]) == _lines(rows[at - 1]) != []
    ),
    (VAN, 8, "LastName"): _last_name("Béchardeau"),
    (VAN, 9, "LastName"): _last_name("O’Nettlefield"),  # noqa: RUF001 - the file's own
    (VAN, 10, "LastName"): _unsuffixed,
    (VAN, 12, "Voter File VANID"): _same_voter,
    (VAN, 13, "Zip4"): _has(zip4="0007"),
    (VAN, 14, "AptNo"): _has(unit="Apt 0012"),
    (VAN, 15, " WorkPhoneExt"): lambda rows, at: _lines(rows[at])[-1] == "+15135550171",
    (VAN, 16, "StreetNoHalf"): _has(street_address="2155 1/2 N Quarrystone St SW"),
    (VAN, 17, "FirstName"): _has(first_name="", last_name="Zellerhausen"),
    (VAN, 18, "Cell Phone"): lambda rows, at: (
        _lines(rows[at]) == [] and _flaws(rows[at]) == ["Preferred Phone", "Cell Phone"]
    ),
    (VAN, 19, "Age"): _has(age=None),
    (VAN, 20, "Preferred Phone"): _one_line_only,
    (VAN, 22, "Voter File VANID"): lambda rows, at: isinstance(rows[at], RejectedRow),
    (VAN, 23, "Voter File VANID"): _has(van_id="99000937"),
    (VAN, 24, "Preferred Phone"): lambda rows, at: (
        _lines(rows[at])[:2] == ["+17405550101", "+17405550102"]
    ),
}


def _listed() -> Iterator[tuple[str, int, str]]:
    with (FILES / "DIRTY_ROWS.csv").open(encoding="utf-8", newline="") as file:
        for fault in csv.DictReader(file):
            if fault["file"] in {LEHIGH, OHIO, VAN}:
                yield fault["file"], int(fault["data_row"]), fault["column"]


LISTED = list(_listed())


def test_every_listed_fault_has_its_check() -> None:
    assert set(LISTED) == set(CHECKS)
    assert len(LISTED) == len(CHECKS)


@pytest.mark.parametrize("fault", LISTED, ids=lambda fault: " ".join(map(str, fault)))
def test_a_listed_fault_is_met_as_it_should_be(
    samples: dict[str, Rows], fault: tuple[str, int, str]
) -> None:
    name, at, _ = fault
    assert CHECKS[fault](samples[name], at)


@pytest.mark.parametrize("name", [LEHIGH, OHIO, VAN])
def test_nothing_else_is_found_wrong(samples: dict[str, Rows], name: str) -> None:
    suspicious = {
        at for at, row in samples[name].items() if isinstance(row, RejectedRow) or row.flaws
    }
    assert sorted(samples[name]) == list(range(1, 26))
    assert suspicious <= {at for file, at, _ in LISTED if file == name}


def test_a_row_is_read_in_full(samples: dict[str, Rows]) -> None:
    voter = samples[LEHIGH][1]
    assert isinstance(voter, ParsedVoter)
    assert voter.state_voter_id == "000990001-39"
    assert (voter.first_name, voter.last_name, voter.gender) == ("ADELA", "TUMBLERIDGE", "F")
    assert (voter.birth_date, voter.birth_year) == (date(1938, 1, 1), 1938)
    assert (voter.party, voter.status, voter.county) == ("D", "active", "LEHIGH")
    assert (voter.street_address, voter.city, voter.zip5) == (
        "100 PEBBLECRESS RD",
        "ALLENTOWN",
        "18102",
    )
    assert dict(voter.districts)["congress"] == "USC07"
    assert [phone.kind for phone in voter.phones] == ["home"]
