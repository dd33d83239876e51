"""Importing again: what is new, what changed and in which parts, who is missing, what shrank."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from services.voters import file_rows
from services.voters.domain.differences import PARTS, changed_parts
from services.voters.domain.shrinking import (
    Missing,
    Shrunk,
    WholeFile,
    is_same_kind,
    shrunk_since,
)
from services.voters.domain.voter import ParsedVoter, Vote
from services.voters.importer import Importer
from tests.voters.exports import Rows, cells, changed, export, joined
from tests.voters.house import CAMPAIGN, House

COUNTY = 151
FILES = Path(__file__).parent / "files"


def good_rows(folder: Path, rows: int) -> Rows:
    """Rows of which every one is taken over, all of one county."""
    found = [row for row in cells(export(folder, rows + 20)[1]) if len(row) == 154]
    found = [row for row in found if row[0] and row[2] and row[3]][:rows]
    for row in found:
        row[COUNTY] = "LEHIGH"
    assert len({row[0] for row in found}) == rows
    return found


def test_every_part_of_a_row_is_compared_once() -> None:
    named = [name for names in PARTS.values() for name in names]
    assert sorted(named) == sorted(each.name for each in fields(ParsedVoter) if each.compare)


@pytest.mark.parametrize(
    ("after", "parts"),
    [
        (ParsedVoter(city="ERIE"), ("address",)),
        (ParsedVoter(last_name="B", party="D"), ("name", "party")),
        (ParsedVoter(votes=(Vote("2022-11-08/general", "", ""),)), ("votes",)),
        (ParsedVoter(), ("zones",)),
    ],
)
def test_which_parts_changed(after: ParsedVoter, parts: tuple[str, ...]) -> None:
    assert changed_parts(ParsedVoter(), after) == parts


@pytest.mark.parametrize(
    ("rows", "is_shrunk"), [(1_000, False), (981, False), (980, True), (0, True), (1_100, False)]
)
def test_two_in_a_hundred_rows_less_is_too_much(rows: int, *, is_shrunk: bool) -> None:
    before = WholeFile("before", 1_000, frozenset({"lehigh"}))
    assert shrunk_since(rows, before) == (Shrunk(1_000, "before") if is_shrunk else None)


def test_a_file_that_was_empty_cannot_shrink() -> None:
    assert shrunk_since(0, WholeFile("before", 0, frozenset())) is None


@pytest.mark.parametrize(
    ("counties", "before", "is_same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("ab", "a", False),
        ("ab", "abc", True),
        ("a", "ab", False),
        ("", "a", False),
        ("", "", False),
    ],
)
def test_a_file_replaces_one_of_the_same_counties(
    counties: str, before: str, *, is_same: bool
) -> None:
    assert is_same_kind(set(counties), WholeFile("i", 1, frozenset(before))) is is_same


@pytest.mark.real
async def test_the_figures_say_what_a_second_file_changed(house: House, tmp_path: Path) -> None:
    rows = good_rows(tmp_path, 120)
    first = await house.imported(joined(rows[:100]))
    assert (first["rows_new"], first["voters_missing"], first["changes"]) == (100, 0, {})
    moved = changed(rows[0], city="HARRISBURG", phone="7175550123")
    turned = changed(rows[1], party="I" if rows[1][11] != "I" else "R")
    wed = changed(rows[2], last_name="NEWLYWED")
    # Row 99 is gone, rows 100 to 119 are new, row 50 stands there twice.
    second = [moved, turned, wed, *rows[3:99], *rows[100:], rows[50]]
    state = await house.imported(joined(second))
    assert state["state"] == "done"
    assert (state["rows_new"], state["rows_changed"]) == (20, 3)
    assert (state["rows_unchanged"], state["rows_repeated"]) == (96, 1)
    assert state["changes"] == {"address": 1, "phones": 1, "party": 1, "name": 1}
    assert state["voters_missing"] == 1
    assert state["rows_rejected"] == 0
    # Missing is a figure: nobody is taken off the file.
    assert len(await house.voter_ids()) == 120
    again = await house.imported(joined(second))
    assert (again["rows_unchanged"], again["voters_missing"], again["changes"]) == (119, 1, {})


@pytest.mark.real
async def test_a_part_and_a_list_export_miss_nobody(house: House, tmp_path: Path) -> None:
    rows = good_rows(tmp_path, 60)
    await house.imported(joined(rows))
    answer = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("part.txt", joined(rows[:10]), "text/plain")},
        data={"campaign_id": CAMPAIGN, "extent": "part"},
    )
    await house.run_importer()
    state = await house.state(answer.json()["import_id"])
    assert (state["state"], state["rows_unchanged"]) == ("done", 10)
    assert state["voters_missing"] is None
    van = (FILES / "van_list_export.csv").read_bytes()
    assert (await house.imported(van))["voters_missing"] is None
    whole = await house.imported(joined(rows))
    assert (whole["state"], whole["voters_missing"]) == ("done", 0)


@pytest.mark.real
async def test_a_whole_file_that_shrank_waits_for_a_human(house: House, tmp_path: Path) -> None:
    rows = good_rows(tmp_path, 150)
    first = await house.imported(joined(rows))
    shorter = joined([changed(rows[0], city="ELSEWHERE"), *rows[1:147]])
    held = await house.imported(shorter)
    assert (held["state"], held["rows_before"], held["rows_checked"]) == ("held", 150, 147)
    (fact,) = await house.facts("voter-file-import-held")
    assert (fact["reason"], fact["rows"], fact["rows_before"]) == ("fewer_rows", 147, 150)
    assert fact["import_id_before"] == first["import_id"]
    assert not await house.facts("voter-changed")
    # While it waits it holds up nobody.
    nearly = await house.imported(joined(rows[:148]))
    assert (nearly["state"], nearly["voters_missing"]) == ("done", 2)
    path = f"/voters/imports/{held['import_id']}/confirm"
    assert (await house.http.post(path, headers=house.headers())).status_code == 202
    await house.run_importer()
    state = await house.state(held["import_id"])
    assert (state["state"], state["rows_changed"], state["voters_missing"]) == ("done", 1, 3)
    (confirmed,) = await house.facts("voter-file-import-confirmed")
    assert confirmed["confirmed_by"] == "organizer1"


@pytest.mark.real
async def test_a_list_export_does_not_hide_who_left_the_states_file(house: House) -> None:
    ohio = (FILES / "SWVF_1_22.txt").read_bytes()
    await house.imported(ohio)
    columns = b"Voter File VANID,StateFileID,LastName,FirstName,State,Cell Phone\r\n"
    row = b"99000123,OH0099000001,Emberlow,Adela,OH,2165550187\r\n"
    van = await house.imported(columns + row)
    assert (van["rows_new"], van["rows_changed"]) == (0, 1)
    header, first, *others = ohio.splitlines(keepends=True)
    assert b"OH0099000001" in first
    later = await house.imported(b"".join([header, *others]))
    assert later["state"] == "held"
    path = f"/voters/imports/{later['import_id']}/confirm"
    assert (await house.http.post(path, headers=house.headers())).status_code == 202
    await house.run_importer()
    state = await house.state(later["import_id"])
    assert (state["state"], state["voters_missing"]) == ("done", 1)


@pytest.mark.real
async def test_a_file_of_other_people_is_no_shorter_one_but_misses_many(
    house: House, tmp_path: Path
) -> None:
    rows = good_rows(tmp_path, 80)
    await house.imported(joined(rows[:60]))
    state = await house.imported(joined(rows[57:67]))
    assert (state["state"], state["rows_before"], state["voters_missing"]) == ("held", None, 57)
    assert not await house.facts("voter-changed")
    found = await house.preview(state["import_id"])
    assert (found["rows_new"], found["rows_known"]) == (7, 3)
    assert (found["voters_missing"], found["voters_on_file"]) == (57, 60)
    assert found["is_much_missing"]
    (fact,) = await house.facts("voter-file-import-held")
    assert (fact["reason"], fact["rows_before"], fact["voters_missing"]) == ("fewer_rows", None, 57)
    state = await house.confirmed(state["import_id"])
    assert (state["state"], state["rows_new"], state["rows_unchanged"]) == ("done", 7, 3)
    assert state["voters_missing"] == 57
    held = await house.imported(joined([*rows[50:55], *rows[70:73]]))
    assert held["state"] == "held"


@pytest.mark.parametrize(
    ("missing", "on_file", "is_much"),
    [
        (0, 0, False),
        (0, 50, False),
        (1, 51, False),
        (1, 50, True),
        (1, 1, True),
        (19, 1_000, False),
    ],
)
def test_two_in_a_hundred_voters_missing_is_too_many(
    missing: int, on_file: int, *, is_much: bool
) -> None:
    assert Missing(missing, on_file).is_much is is_much


@pytest.mark.real
async def test_a_whole_file_of_one_county_misses_those_of_that_county_only(
    house: House, tmp_path: Path
) -> None:
    rows = good_rows(tmp_path, 200)
    for row in rows[100:]:
        row[COUNTY] = "BERKS"
    await house.imported(joined(rows))
    held = await house.imported(joined(rows[:25]))
    assert (held["state"], held["voters_missing"]) == ("held", 75)
    # All of its county but one, which is less than two in a hundred: nobody need look.
    nearly = await house.imported(joined(rows[:99]))
    assert (nearly["state"], nearly["voters_missing"]) == ("done", 1)
    # Who is left out as another person is not seen again either, before and after.
    strangers = [
        changed(row, first_name="ZEB", last_name="UNHEARDOF", dob="02/03/1950")
        for row in rows[100:103]
    ]
    held = await house.imported(joined([*strangers, *rows[103:]]))
    assert (held["state"], held["voters_missing"]) == ("held", 3)
    done = await house.confirmed(held["import_id"])
    assert (done["state"], done["voters_missing"], done["rows_rejected"]) == ("done", 3, 3)


@pytest.mark.real
async def test_a_file_of_another_county_is_no_shorter_one(house: House, tmp_path: Path) -> None:
    rows = good_rows(tmp_path, 80)
    await house.imported(joined(rows[:60]))
    other = rows[60:70]
    for row in other:
        row[COUNTY] = "BERKS"
    state = await house.imported(joined(other))
    assert (state["state"], state["rows_new"], state["voters_missing"]) == ("done", 10, 0)


@pytest.mark.real
@pytest.mark.parametrize("breaks_after", ["vault", "facts"])
async def test_a_step_that_broke_off_counts_each_change_once(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks_after: str
) -> None:
    monkeypatch.setattr(file_rows, "ROWS_PER_BATCH", 20)
    rows = good_rows(tmp_path, 60)
    await house.imported(joined(rows))
    later = [changed(row, city="ELSEWHERE") for row in rows[:30]] + rows[30:]
    import_id = (await house.upload(joined(later))).json()["import_id"]
    imports, log = house.desk.imports, house.desk.log
    advance, append = imports.advance, log.append

    async def breaking(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("the process ends here")

    async def breaking_for_voters(commit: Any) -> Any:
        if commit.stream.startswith("voter-"):
            raise ConnectionError("the process ends here")
        return await append(commit)

    if breaks_after == "facts":
        monkeypatch.setattr(imports, "advance", breaking)
    else:
        monkeypatch.setattr(log, "append", breaking_for_voters)
    assert await Importer(house.desk).work()
    assert (await house.state(import_id))["rows_read"] == 0
    monkeypatch.setattr(imports, "advance", advance)
    monkeypatch.setattr(log, "append", append)
    await house.run_importer()
    state = await house.state(import_id)
    assert (state["state"], state["rows_changed"], state["rows_unchanged"]) == ("done", 30, 30)
    assert state["changes"] == {"address": 30}
    assert len(await house.facts("voter-changed")) == 30
