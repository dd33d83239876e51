"""Files laid over each other: a file changes what it tells, a list export fills in."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.voters.domain.overlay import Told, laid_over, told_by
from services.voters.domain.phones import Phone
from services.voters.domain.voter import ParsedVoter
from services.voters.file_rows import layout_of
from tests.voters.house import CAMPAIGN, House

FILES = Path(__file__).parent / "files"
HOME, CELL, OTHER = (
    Phone("+12165550101", kind="home"),
    Phone("+12165550102", kind="cell"),
    Phone("+12165550103", kind="home"),
)
KNOWN = ParsedVoter(
    state_voter_id="OH1",
    first_name="ANN",
    last_name="LARK",
    birth_date=date(1980, 1, 2),
    birth_year=1980,
    status="active",
    party="D",
    street="ELM ST",
    unit="2",
    city="EUCLID",
    state="OH",
    zip5="44105",
    county="Cuyahoga",
    districts=(("congress", "11"), ("ward", "3")),
    phones=(HOME, CELL),
)
LIST = Told(
    frozenset({"van_id", "first_name", "last_name", "age", "party", "street", "unit"})
    | {"city", "state", "zip5", "zip4", "districts", "phones"},
    frozenset({"home", "cell"}),
    is_list=True,
)
STATE = Told(
    frozenset({"state_voter_id", "first_name", "last_name", "birth_date", "birth_year", "party"})
    | {"street", "unit", "city", "state", "zip5", "zip4", "county", "districts"},
    frozenset({"home"}),
    is_list=False,
)


@pytest.mark.parametrize(
    ("told", "row", "changes"),
    [
        # A list that says nothing more than who it is changes nothing.
        (LIST, {}, {}),
        (LIST, {"van_id": "7", "age": 46}, {"van_id": "7", "age": 46}),
        (LIST, {"party": ""}, {}),
        (LIST, {"first_name": "Ann", "last_name": "Lark", "city": "Euclid"}, {}),
        (LIST, {"phones": (OTHER,)}, {"phones": (OTHER, HOME, CELL)}),
        (LIST, {"phones": (CELL,)}, {"phones": (CELL, HOME)}),
        (
            LIST,
            {"districts": (("congress", "9"),)},
            {"districts": (("congress", "9"), ("ward", "3"))},
        ),
        (
            LIST,
            {"street": "OAK AVE", "city": "EUCLID", "zip5": "44105"},
            {"street": "OAK AVE", "unit": ""},
        ),
        # Who has moved to another ZIP may live in another county.
        (
            LIST,
            {"street": "OAK AVE", "city": "PARMA", "zip5": "44129"},
            {"street": "OAK AVE", "unit": "", "city": "PARMA", "zip5": "44129", "county": ""},
        ),
        # The state's file is the word on its columns, and on no others.
        (STATE, {"party": "R"}, {"party": "R"}),
        (STATE, {"party": ""}, {"party": ""}),
        (STATE, {"phones": ()}, {"phones": (CELL,)}),
        (STATE, {"phones": (OTHER,)}, {"phones": (OTHER, CELL)}),
        (replace(STATE, phone_kinds=frozenset()), {"phones": ()}, {}),
    ],
)
def test_what_stays_and_what_changes(
    told: Told, row: dict[str, Any], changes: dict[str, Any]
) -> None:
    base = (
        ParsedVoter(first_name="ANN", last_name="LARK", state="OH")
        if told.is_list
        else replace(KNOWN, status="", phones=(HOME,))
    )
    after = laid_over(KNOWN, replace(base, **row), told)
    assert after == replace(KNOWN, **changes)
    assert laid_over(after, replace(base, **row), told) == after


@pytest.mark.parametrize(
    ("name", "kinds", "tells", "tells_not"),
    [
        ("LEHIGH FVE 20240930.txt", {"home"}, {"status", "county", "mailing"}, {"van_id", "age"}),
        ("SWVF_1_22.txt", set(), {"status", "county", "birth_year"}, {"phones", "gender"}),
        (
            "van_list_export.csv",
            {"preferred", "cell", "home", "work"},
            {"street", "zip4", "age", "state"},
            {"status", "county", "birth_date"},
        ),
    ],
)
def test_what_each_layout_tells(
    name: str, kinds: set[str], tells: set[str], tells_not: set[str]
) -> None:
    told = told_by(layout_of((FILES / name).read_bytes(), "auto"))
    assert told.phone_kinds == kinds
    assert tells <= told.fields
    assert not tells_not & told.fields


async def count(house: House, **selection: Any) -> int:
    answer = await house.http.post(
        "/voters/universes",
        json={"campaign_id": CAMPAIGN, "name": "n", "selection": selection, "preview": True},
        headers=house.headers(),
    )
    voters: int = answer.json()["voters"]
    return voters


@pytest.mark.real
async def test_a_lists_phones_join_the_states_file_and_stay(house: House) -> None:
    ohio = (FILES / "SWVF_1_22.txt").read_bytes()
    first = await house.imported(ohio)
    assert await count(house, has_phone=True) == 0
    in_county = await count(house, counties=["Cuyahoga"])
    columns = b"Voter File VANID,StateFileID,LastName,FirstName,State,Cell Phone\r\n"
    row = b"99000123,OH0099000001,Emberlow,Adela,OH,2165550187\r\n"
    van = await house.imported(columns + row)
    assert (van["rows_new"], van["rows_changed"]) == (0, 1)
    assert van["changes"] == {"ids": 1, "phones": 1}
    assert await count(house, has_phone=True) == 1
    assert await count(house, counties=["Cuyahoga"], has_phone=True) == 1
    assert await count(house, counties=["Cuyahoga"]) == in_county
    again = await house.imported(columns + row)
    assert (again["rows_changed"], again["rows_unchanged"]) == (0, 1)
    later = await house.imported(ohio)
    assert later["state"] == "done"
    assert (later["rows_new"], later["rows_changed"], later["voters_missing"]) == (0, 0, 0)
    assert len(await house.facts("voter-changed")) == 1
    assert await count(house, counties=["Cuyahoga"], has_phone=True) == 1
    assert first["rows_new"] == await house.database["selectable"].count_documents({})
    ((card,),) = [
        [each for each in (await house.cards(await house.voter_ids())).values() if each["lines"]]
    ]
    assert [line["e164"] for line in card["lines"]] == ["+12165550187"]
    assert card["age"] == 88
