"""The figures of a preview are those of the import that follows."""

from pathlib import Path
from typing import Any

import pytest

from services.voters import file_rows, rehearsal
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, House

pytestmark = pytest.mark.real

FILES = Path(__file__).parent / "files"


async def compared(house: House, content: bytes) -> dict[str, Any]:
    """Look through a file, import it, and see that nothing came otherwise; answers the preview."""
    answer = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("the file.txt", content, "text/plain")},
        data={"campaign_id": CAMPAIGN, "preview": "true"},
    )
    await house.run_importer()
    import_id = answer.json()["import_id"]
    found = await house.preview(import_id)
    state = await house.confirmed(import_id)
    assert state["state"] == "done"
    assert {
        "read": found["rows_read"],
        "kept": found["rows_good"],
        "rejected": found["rows_refused"],
        "new": found["rows_new"],
        "known": found["rows_known"],
        "repeated": found["rows_repeated"],
        "missing": found["voters_missing"],
        "reasons": [(each["column"], each["reason"], each["rows"]) for each in found["refused"]],
    } == {
        "read": state["rows_read"],
        "kept": state["rows_kept"],
        "rejected": state["rows_rejected"],
        "new": state["rows_new"],
        "known": state["rows_changed"] + state["rows_unchanged"],
        "repeated": state["rows_repeated"],
        "missing": state["voters_missing"],
        "reasons": [(each["column"], each["reason"], each["rows"]) for each in state["reasons"]],
    }
    return found


@pytest.mark.parametrize(
    "name", ["LEHIGH FVE 20240930.txt", "SWVF_1_22.txt", "van_list_export.csv"]
)
async def test_a_preview_of_each_layout_tells_what_will_be(house: House, name: str) -> None:
    content = (FILES / name).read_bytes()
    first = await compared(house, content)
    assert first["rows_new"] > 20
    again = await compared(house, content)
    assert again["rows_new"] == 0
    assert again["rows_known"] == first["rows_new"]


async def test_repeats_are_seen_near_and_far_and_over_what_is_known(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_rows, "ROWS_PER_BATCH", 10)
    rows = [row for row in cells(export(tmp_path, 80)[1]) if row[0] and row[2] and row[3]]
    rows = [row for row in rows if len(row) == 154][:60]
    await house.imported(joined(rows[:20]))
    stranger = {"first_name": "ZEB", "last_name": "UNHEARDOF", "dob": "02/03/1950"}
    second = [
        *rows[2:30],
        rows[29],  # repeated in its batch
        changed(rows[3], city="ELSEWHERE"),  # another batch's, over a known voter
        changed(rows[25], **stranger),
        *rows[30:],
        rows[2],
        changed(rows[0], **stranger),  # not in this file; another person than on the file
        changed(rows[1], city="ELSEWHERE"),
        rows[1],  # says what is known, but the row before says otherwise
        changed(rows[40], phone="6105550199"),
        changed(rows[40], id=""),
    ]
    found = await compared(house, joined(second))
    assert (found["rows_repeated"], found["rows_refused"]) == (2, 6)
    assert (found["rows_new"], found["rows_known"]) == (40, 19)
    assert found["all_ids_compared"]


async def test_a_list_that_repeats_voters_with_less_is_understood(house: House) -> None:
    content = (
        b"Voter File VANID,StateFileID,LastName,FirstName,State,City,Cell Phone\r\n"
        b"99000123,OH0099000001,Emberlow,Adela,OH,,2165550187\r\n"
        b"99000123,OH0099000001,Emberlow,Adela,OH,,\r\n"
        b"99000123,OH0099000001,Emberlow,Adela,OH,Cleveland,\r\n"
        b"99000124,OH0099000002,Moss,Bea,OH,,\r\n"
    )
    found = await compared(house, content)
    assert (found["rows_repeated"], found["rows_refused"], found["rows_new"]) == (1, 1, 2)
    await house.imported((FILES / "SWVF_1_22.txt").read_bytes())
    assert (await compared(house, content))["rows_new"] == 0


async def test_who_was_erased_is_left_out_unseen(house: House) -> None:
    content = (FILES / "SWVF_1_22.txt").read_bytes()
    await house.imported(content)
    erased = (await house.voter_ids())[0]
    answer = await house.http.post(
        "/voters/erasures",
        json={"campaign_id": CAMPAIGN, "voter_id": erased},
        headers=house.headers(),
    )
    assert answer.status_code < 300, answer.text
    found = await compared(house, content)
    (reason,) = (each for each in found["refused"] if "erased" in each["reason"])
    assert all(not example["text"] for example in reason["examples"])


async def test_beyond_the_ids_compared_it_says_at_least(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "IDS_COMPARED_MAX", 5)
    rows = [row for row in cells(export(tmp_path, 30)[1]) if row[0] and row[2] and row[3]]
    answer = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("a.txt", joined([*rows[:10], rows[0], rows[9]]), "text/plain")},
        data={"campaign_id": CAMPAIGN, "preview": "true"},
    )
    await house.run_importer()
    found = await house.preview(answer.json()["import_id"])
    assert (found["rows_repeated"], found["all_ids_compared"]) == (1, False)
