"""Rejected rows out, mended in a spreadsheet, and in again."""

import csv
import io
from pathlib import Path

import pytest

from services.voters.domain.layout import recognise
from services.voters.domain.mending import COLUMN, MARKS, REASON, UNREADABLE, harmless, plain
from tests.voters.exports import Rows, cells, changed, export, joined
from tests.voters.house import House

FILES = Path(__file__).parent / "files"


async def download(house: House, import_id: str) -> list[dict[str, str]]:
    path = f"/voters/imports/{import_id}/rejected.csv"
    answer = await house.http.get(path, headers=house.headers())
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def good_rows(folder: Path) -> Rows:
    rows = [row for row in cells(export(folder, 80)[1]) if len(row) == 154]
    return [row for row in rows if row[0] and row[2] and row[3]][:50]


@pytest.mark.parametrize("cell", ["=A1", "+1 610 555", "-", "@x", "O'Hara", "'t Hooft", "", "\tx"])
def test_a_cell_is_harmless_and_again_what_it_was(cell: str) -> None:
    assert plain(harmless(cell)) == cell


@pytest.mark.real
async def test_mended_rows_of_a_file_without_a_header_come_in_again(
    house: House, tmp_path: Path
) -> None:
    rows = good_rows(tmp_path)
    nobody = changed(rows[48], id="", city="=ELSEWHERE")
    broken = b'"cut off"\t"here\r\n'
    state = await house.imported(joined([*rows[:48], nobody]) + broken)
    assert (state["rows_new"], state["rows_rejected"]) == (48, 2)
    found, unreadable = await download(house, state["import_id"])
    assert {found[REASON], unreadable[REASON]} == {each["reason"] for each in state["reasons"]}
    assert (found[COLUMN], found["City"], found[UNREADABLE]) == ("ID Number", "'=ELSEWHERE", "")
    assert (unreadable["City"], unreadable[UNREADABLE]) == ("", '"cut off"\t"here')
    found["ID Number"] = rows[48][0]
    again = await house.imported(as_csv([found, unreadable]))
    # It is a part: nobody is missing from it, and nobody need confirm it.
    assert (again["state"], again["extent"], again["voters_missing"]) == ("done", "part", None)
    assert (again["layout"], again["rows_new"], again["rows_rejected"]) == (state["layout"], 1, 1)
    # What was mended is as if the file had had it: the whole file again changes nothing.
    as_mended = changed(rows[48], city="=ELSEWHERE")
    whole = await house.imported(joined([*rows[:48], as_mended]) + broken)
    assert (whole["state"], whole["rows_unchanged"], whole["voters_missing"]) == ("done", 49, 0)
    # What was rejected twice is downloaded like what was rejected once.
    (left,) = await download(house, again["import_id"])
    assert list(left) == list(found)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "key", "value"),
    [("van_list_export.csv", "Voter File VANID", "99000999"), ("SWVF_1_22.txt", "SOS_VOTERID", "")],
)
async def test_mended_rows_of_a_file_with_a_header_come_in_again(
    house: House, name: str, key: str, value: str
) -> None:
    content = (FILES / name).read_bytes()
    state = await house.imported(content)
    rows = await download(house, state["import_id"])
    assert len(rows) == state["rows_rejected"] == 1
    own = [column for column in rows[0] if column not in MARKS]
    assert tuple(own) == recognise(content).columns
    assert rows[0][REASON] == state["reasons"][0]["reason"]
    rows[0][key] = value or "OH0099009999"
    again = await house.imported(as_csv(rows))
    assert (again["state"], again["layout"]) == ("done", state["layout"])
    assert (again["rows_new"], again["rows_rejected"]) == (1, 0)
