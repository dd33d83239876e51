"""A look before anything is imported: each layout recognised, what is wrong told, then decided."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.voters.import_records import HELD_AT_MOST
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, House

pytestmark = pytest.mark.real

FILES = Path(__file__).parent / "files"
PENNSYLVANIA = "LEHIGH FVE 20240930.txt"
OHIO = "SWVF_1_22.txt"
VAN = "van_list_export.csv"


async def looked_at(house: House, content: bytes, **fields: str) -> str:
    """Upload it for a preview and let the importer look through it; answers the import's id."""
    answer = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("the file.txt", content, "text/plain")},
        data={"campaign_id": CAMPAIGN, "profile": "auto", "preview": "true"} | fields,
    )
    assert answer.status_code == 202, answer.text
    await house.run_importer()
    import_id: str = answer.json()["import_id"]
    return import_id


async def preview_of(house: House, import_id: str) -> dict[str, Any]:
    answer = await house.http.get(f"/voters/imports/{import_id}/preview", headers=house.headers())
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def confirm(house: House, import_id: str, key: str | None = None) -> httpx.Response:
    path = f"/voters/imports/{import_id}/confirm"
    return await house.http.post(path, headers=house.headers(key=key))


@pytest.mark.parametrize(
    ("name", "layout", "rows", "lacking", "phones"),
    [
        (PENNSYLVANIA, "pa-full-voter-export", (24, 1, 1), [], 20),
        (OHIO, "oh-statewide-voter-file", (24, 1, 1), ["phones"], 0),
        (VAN, "van-list-export", (24, 1, 1), ["status", "county"], 19),
    ],
)
async def test_each_layout_is_recognised_and_nothing_is_imported(
    house: House,
    name: str,
    layout: str,
    rows: tuple[int, int, int],
    lacking: list[str],
    phones: int,
) -> None:
    import_id = await looked_at(house, (FILES / name).read_bytes())
    state = await house.state(import_id)
    assert (state["state"], state["layout"], state["file_name"]) == (
        "preview",
        layout,
        "the file.txt",
    )
    found = await preview_of(house, import_id)
    good, refused, repeated = rows
    assert found["layout"] == layout
    assert (found["rows_read"], found["rows_good"], found["rows_refused"]) == (
        good + refused,
        good,
        refused,
    )
    assert (found["rows_new"], found["rows_known"]) == (good - repeated, 0)
    assert found["rows_repeated"] == repeated
    assert found["lacking"] == lacking
    assert found["voters_with_phone"] == phones
    assert len(found["rows"]) == 8
    assert all(row["name"] for row in found["rows"])
    assert not await house.facts("voter-imported")
    assert not await house.voter_ids()
    (held,) = await house.facts("voter-file-import-held")
    assert (held["reason"], held["rows"], held["rows_before"]) == ("preview", good + refused, None)


async def test_it_shows_rows_as_they_will_be_understood_and_what_is_wrong(house: House) -> None:
    found = await preview_of(house, await looked_at(house, (FILES / PENNSYLVANIA).read_bytes()))
    rows = {row["row"]: row for row in found["rows"]}
    assert rows[5]["phones"][0]["display"] == "(610) 555-0147"
    assert rows[6]["phones"] == [
        {
            "display": "(484) 555-0163",
            "kind": "home",
            "extension": rows[6]["phones"][0]["extension"],
        }
    ]
    assert rows[6]["phones"][0]["extension"]
    assert rows[3]["phones"] == []
    left_out = {each["reason"]: each for each in found["left_out"]}
    placeholder = left_out["This is a placeholder, not a number."]
    assert placeholder["column"] == "Home Phone"
    assert placeholder["examples"] == [{"row": 3, "text": "0000000000"}]
    assert left_out["The number has seven digits: the area code is missing."]["rows"] == [4]
    van = await preview_of(house, await looked_at(house, (FILES / VAN).read_bytes()))
    (refused,) = van["refused"]
    assert (refused["column"], refused["count"], refused["rows"]) == ("Voter File VANID", 1, [22])
    assert refused["examples"][0]["row"] == 22
    # Two pairs of voters share a number; in VAN's list some have two numbers.
    assert found["lines"] == found["voters_with_phone"] - 2
    assert van["lines"] > van["voters_with_phone"]


async def test_columns_that_are_not_understood_are_named(house: House) -> None:
    text = (FILES / VAN).read_bytes().decode("cp1252").splitlines(keepends=True)
    wider = [text[0].rstrip() + ",Shoe size\r\n", text[1].rstrip() + ",44\r\n"]
    found = await preview_of(house, await looked_at(house, "".join(wider).encode("cp1252")))
    assert "Shoe size" in found["columns_passed_over"]
    assert "LastName" in found["columns_understood"]
    assert found["rows_good"] == 1


async def test_import_these_imports_them_once(house: House) -> None:
    import_id = await looked_at(house, (FILES / PENNSYLVANIA).read_bytes())
    for _ in range(2):
        answer = await confirm(house, import_id, key="once")
        assert answer.status_code == 202, answer.text
    await house.run_importer()
    state = await house.state(import_id)
    assert (state["state"], state["is_confirmed"]) == ("done", True)
    assert state["rows_read"] == 25
    assert state["rows_new"] == len(await house.facts("voter-imported"))
    assert (await confirm(house, import_id)).status_code == 202
    await house.run_importer()
    assert len(await house.facts("voter-file-import-confirmed")) == 1
    assert len(await house.facts("voter-file-imported")) == 1
    assert (await house.state(import_id))["state"] == "done"


async def test_throw_away_leaves_nothing_behind(house: House) -> None:
    import_id = await looked_at(house, (FILES / PENNSYLVANIA).read_bytes())
    path = f"/voters/imports/{import_id}"
    assert (await house.http.delete(path, headers=house.headers())).status_code == 202
    await house.run_importer()
    state = await house.state(import_id)
    assert (state["state"], state["rows_read"]) == ("stopped", 0)
    (stopped,) = await house.facts("voter-file-import-stopped")
    assert stopped["reason"] == "thrown-away"
    assert not await house.facts("voter-imported")
    assert not await house.database["upload_chunks"].count_documents({})
    refused = await confirm(house, import_id)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/import-ended"


async def test_who_forgets_a_preview_leaves_no_file_behind(house: House) -> None:
    import_id = await looked_at(house, (FILES / VAN).read_bytes())
    await house.desk.imports.cancel_forgotten(house.clock() + HELD_AT_MOST)
    await house.run_importer()
    assert (await house.state(import_id))["state"] == "preview"
    late = house.clock() + HELD_AT_MOST + timedelta(seconds=1)
    await house.desk.uploads.forget_orphans(late)
    assert await house.database["upload_chunks"].count_documents({})
    await house.desk.imports.cancel_forgotten(late)
    await house.run_importer()
    assert (await house.state(import_id))["state"] == "stopped"
    assert not await house.database["upload_chunks"].count_documents({})


async def test_a_file_of_no_known_layout_says_what_was_seen(house: House) -> None:
    import_id = await looked_at(house, b"shoe,size\r\nleft,44\r\n")
    state = await house.state(import_id)
    assert state["state"] == "failed"
    assert "2 columns separated by commas" in state["problem"]
    answer = await house.http.get(f"/voters/imports/{import_id}/preview", headers=house.headers())
    assert answer.json()["type"] == "/problems/not-looked-through"
    named = await looked_at(house, (FILES / VAN).read_bytes(), profile="oh-statewide-voter-file")
    assert (await house.state(named))["state"] == "failed"


async def test_without_a_preview_it_is_imported_at_once(house: House, tmp_path: Path) -> None:
    state = await house.imported(export(tmp_path, 20)[1])
    assert state["state"] == "done"
    assert not await house.facts("voter-file-import-held")
    refused = await house.http.post(
        f"/voters/imports/{state['import_id']}/confirm", headers=house.headers()
    )
    assert refused.status_code == 409
    odd = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("a.txt", b"x", "text/plain")},
        data={"campaign_id": CAMPAIGN, "extent": "half"},
    )
    assert odd.status_code == 422


async def test_a_preview_tells_new_voters_from_known_ones(house: House, tmp_path: Path) -> None:
    rows = [row for row in cells(export(tmp_path, 40)[1]) if row[0] and row[2]]
    await house.imported(joined(rows[:10]))
    found = await preview_of(house, await looked_at(house, joined(rows[5:25]), extent="part"))
    assert (found["rows_known"], found["rows_new"]) == (5, 15)


async def test_rejected_rows_are_grouped_by_reason(house: House, tmp_path: Path) -> None:
    good = [row for row in cells(export(tmp_path, 40)[1]) if row[0] and row[2] and len(row) == 154]
    nobody = [changed(row, id="") for row in good[:3]]
    again = [changed(row, city="ELSEWHERE") for row in good[3:5]]
    state = await house.imported(joined([*good, *nobody, *again]))
    assert state["rows_rejected"] == 5
    first = len(good) + 1
    assert [(each["column"], each["count"], each["rows"]) for each in state["reasons"]] == [
        ("ID Number", 3, [first, first + 1, first + 2]),
        ("ID Number", 2, [first + 3, first + 4]),
    ]
    assert "an earlier row already with other values" in state["reasons"][1]["reason"]


async def test_a_preview_is_for_those_who_may_import(house: House) -> None:
    import_id = await looked_at(house, (FILES / VAN).read_bytes())
    for grant in (("organizer", CAMPAIGN), ("campaign_admin", OTHER_CAMPAIGN)):
        headers = house.headers(grant)
        path = f"/voters/imports/{import_id}"
        assert (await house.http.get(f"{path}/preview", headers=headers)).status_code == 404
        assert (await house.http.post(f"{path}/confirm", headers=headers)).status_code == 404
        assert (await house.http.delete(path, headers=headers)).status_code == 404
    nobody = await house.http.get(f"/voters/imports/{import_id}/preview")
    assert nobody.status_code == 401
