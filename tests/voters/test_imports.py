"""Voter files in: what is kept, what is explained, and what importing again changes."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from libs.database import Database
from libs.eventstore.store import Commit
from services.voters.domain.mending import MARKS
from services.voters.import_records import TURN_SECONDS
from services.voters.importer import Importer
from services.voters.reading import TurnLost
from tests.voters.conftest import NOON
from tests.voters.exports import ID, PHONE, cells, changed, export, joined
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, Clock, House, open_house

pytestmark = pytest.mark.real

# A word as short as this may stand in an id by chance.
SHORT = 4


async def test_a_broken_file_keeps_its_good_rows_and_explains_the_others(
    house: House, tmp_path: Path
) -> None:
    written, content = export(tmp_path, 1_200)
    assert written.rejected == 4
    state = await house.imported(content)
    assert state["state"] == "done"
    assert state["rows_read"] == 1_200
    assert state["rows_kept"] == state["rows_new"] == written.voters
    assert (state["rows_changed"], state["rows_rejected"]) == (0, written.rejected)
    assert len(await house.facts("voter-imported")) == written.voters
    (ended,) = await house.facts("voter-file-imported")
    assert ended["profile"] == "pa-full-voter-export"
    assert ended["rows_kept"] == written.voters
    answer = await house.http.get(
        f"/voters/imports/{state['import_id']}/rejected.csv", headers=house.headers()
    )
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8")))
    assert tuple(header[: len(MARKS)]) == MARKS
    lines = content.decode().split("\r\n")
    assert len(rows) == 4
    for reason, column, row, _, unreadable, *own in rows:
        line = lines[int(row) - 1]
        split = line[1:-1].split('"\t"')
        assert (unreadable, own) in (("", split), (line, [""] * len(own)))
        assert column
        assert reason.endswith(".")


async def test_importing_again_changes_nothing(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 700)
    first = await house.imported(content)
    before = await house.database["commits"].count_documents({})
    people = await house.database["people"].find().sort("_id", 1).to_list()
    again = await house.imported(content)
    assert again["import_id"] != first["import_id"]
    assert (again["rows_kept"], again["rows_new"], again["rows_changed"]) == (
        first["rows_kept"],
        0,
        0,
    )
    # Only the start and the end of the import itself.
    assert await house.database["commits"].count_documents({}) == before + 2
    assert await house.database["people"].find().sort("_id", 1).to_list() == people


async def test_a_later_file_changes_the_voters_it_tells_something_new_of(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 60)
    await house.imported(content)
    first, second, *others = cells(content)
    moved = changed(first, city="HARRISBURG", phone="7175550123")
    state = await house.imported(joined([moved, second, *others]))
    assert (state["rows_new"], state["rows_changed"]) == (0, 1)
    (fact,) = await house.facts("voter-changed")
    assert fact["person_version"] == 2
    assert fact["fictional"] is True
    card = (await house.cards([fact["voter_id"]]))[fact["voter_id"]]
    assert card["city"] == "Harrisburg"
    (line,) = card["lines"]
    assert line == {
        "line_id": fact["line_ids"][0],
        "e164": "+17175550123",
        "display": "(717) 555-0123",
        "fictional": True,
    }
    person = await house.database["people"].find_one({"_id": f"{CAMPAIGN}/{fact['voter_id']}"})
    assert person is not None
    assert [earlier["version"] for earlier in person["earlier"]] == [1]


async def test_the_same_row_twice_is_nothing_and_another_person_is_reported(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 600)
    rows = cells(content)[:520]
    stranger = changed(rows[0], first_name="ZEBULON", last_name="UNHEARDOF", dob="02/03/1950")
    respelled = changed(rows[1], city="ELSEWHERE")
    good = [row for row in rows if len(row) == len(rows[0]) and row[0] and row[2]]
    file = joined([*good, good[0], stranger, respelled])
    for _ in range(2):
        state = await house.imported(file)
        assert state["rows_rejected"] == 2
        assert state["rows_kept"] == len(good) + 1
        assert state["rows_changed"] == 0
    assert not await house.facts("voter-changed")
    answer = await house.http.get(
        f"/voters/imports/{state['import_id']}/rejected.csv", headers=house.headers()
    )
    other, values = list(csv.reader(io.StringIO(answer.content.decode("utf-8"))))[1:]
    assert "an earlier row already for another person" in other[0]
    assert other[3] == "1"
    assert "ZEBULON" in other
    assert "an earlier row already with other values" in values[0]
    assert values[3] == "2"
    # The page says the same.
    assert {each["reason"] for each in state["reasons"]} == {other[0], values[0]}
    # In a file of its own, the stranger is no reason to forget who stands there.
    held = await house.imported(joined([stranger]))
    alone = await house.confirmed(held["import_id"])
    assert (alone["rows_kept"], alone["rows_rejected"]) == (0, 1)


async def test_nothing_about_a_person_is_stored_in_clear(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 300)
    state = await house.imported(content)
    waiting = await house.upload(content, campaign_id=CAMPAIGN)
    assert waiting.status_code == 202
    stored = (await house.everything_stored()).upper()
    assert state["import_id"].upper().encode() in stored
    assert b"NORTHAMPTON" in stored or b"LEHIGH" in stored  # Coarse attributes are in clear.
    rows = [row for row in cells(content) if len(row) == 154 and row[2]]
    told = {cell for row in rows for cell in (row[ID], row[2], row[3], row[14])}
    found = {cell for cell in told if len(cell) > SHORT and cell.encode() in stored}
    assert not found
    numbers = {row[PHONE][-10:] for row in rows if "55501" in row[PHONE]}
    assert len(numbers) > 50
    assert not {number for number in numbers if number.encode() in stored}


async def test_a_file_of_an_unknown_layout_fails_with_the_sentence(house: House) -> None:
    state = await house.imported(b"Wine;Year;Stars\nRiesling;2019;4\n")
    assert state["state"] == "failed"
    assert state["problem"].startswith("This layout is not known")
    (stopped,) = await house.facts("voter-file-import-stopped")
    assert stopped["reason"] == "unreadable"
    assert not await house.database["upload_chunks"].count_documents({})


async def test_a_cancelled_import_stops_and_keeps_what_it_read(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 2_000)
    started = (await house.upload(content)).json()["import_id"]
    path = f"/voters/imports/{started}"
    append = house.desk.log.append
    answers = []

    async def cancelling(commit: Commit) -> Commit:
        """Cancel while the first step is being recorded."""
        if house.desk.log.append is cancelling and commit.stream.startswith("voter-"):
            house.desk.log.append = append  # type: ignore[method-assign]
            answers.append(await house.http.delete(path, headers=house.headers()))
        return await append(commit)

    house.desk.log.append = cancelling  # type: ignore[method-assign]
    await house.run_importer()
    assert [answer.status_code for answer in answers] == [202]
    state = await house.state(started)
    assert state["state"] == "stopped"
    assert 0 < state["rows_read"] < 2_000
    assert len(await house.facts("voter-imported")) == state["rows_new"]
    assert (await house.http.delete(path, headers=house.headers())).status_code == 202
    await house.run_importer()
    assert await house.state(started) == state


async def test_an_import_that_is_done_cannot_be_cancelled(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 20)
    state = await house.imported(content)
    path = f"/voters/imports/{state['import_id']}"
    answer = await house.http.delete(path, headers=house.headers())
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/import-ended"


async def test_the_same_upload_again_is_the_same_import(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 40)
    first = await house.upload(content, key="once")
    again = await house.upload(content, key="once")
    assert first.json() == again.json()
    chunks = house.database["upload_chunks"]
    assert await chunks.count_documents({}) == 1
    other = await house.upload(content + content, key="once")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert await chunks.count_documents({}) == 1
    await house.run_importer()
    assert (await house.state(first.json()["import_id"]))["rows_read"] == 40


async def test_imports_of_one_campaign_take_turns_and_another_campaign_waits_for_nobody(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 30)
    await house.upload(content)
    elsewhere = await house.upload(
        content, campaign_id=OTHER_CAMPAIGN, grants=[("data_manager", OTHER_CAMPAIGN)]
    )
    held = await house.desk.imports.take_turn(CAMPAIGN, "somebody-else", house.clock())
    assert held
    await house.run_importer()
    state = await house.state(elsewhere.json()["import_id"], ("data_manager", OTHER_CAMPAIGN))
    assert state["state"] == "done"
    assert {fact["campaign_id"] for fact in await house.facts("voter-imported")} == {OTHER_CAMPAIGN}


async def test_an_importer_that_stalled_and_comes_back_does_no_harm(
    house: House, tmp_path: Path
) -> None:
    written, content = export(tmp_path, 1_300)
    started = (await house.upload(content)).json()["import_id"]
    append = house.desk.log.append
    others_work = []

    async def stalling(commit: Commit) -> Commit:
        """Stall before the first voter's fact until another importer has done everything."""
        if house.desk.log.append is stalling and commit.stream.startswith("voter-"):
            house.desk.log.append = append  # type: ignore[method-assign]
            house.clock.at += timedelta(seconds=TURN_SECONDS + 1)
            others_work.append(await Importer(house.desk).work())
        return await append(commit)

    house.desk.log.append = stalling  # type: ignore[method-assign]
    with pytest.raises(TurnLost):
        await Importer(house.desk).work()
    assert others_work == [True]
    state = await house.state(started)
    assert (state["state"], state["rows_new"]) == ("done", written.voters)
    assert len(await house.facts("voter-imported")) == written.voters
    voter_ids = await house.voter_ids()
    assert set(await house.cards(voter_ids[:1_000])) == set(voter_ids[:1_000])


async def test_one_person_has_other_ids_in_another_campaign(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 50)
    await house.imported(content)
    await house.imported(content, campaign_id=OTHER_CAMPAIGN)
    facts = await house.facts("voter-imported")
    voters = [fact["voter_id"] for fact in facts]
    assert len(voters) == len(set(voters))
    lines = {
        campaign: {line for f in facts if f["campaign_id"] == campaign for line in f["line_ids"]}
        for campaign in (CAMPAIGN, OTHER_CAMPAIGN)
    }
    assert lines[CAMPAIGN]
    assert lines[CAMPAIGN].isdisjoint(lines[OTHER_CAMPAIGN])


@pytest.mark.parametrize("role", ["caller", "lead", "organizer", "auditor"])
async def test_only_who_may_import_does(house: House, tmp_path: Path, role: str) -> None:
    _, content = export(tmp_path, 20)
    refused = await house.upload(content, grants=[(role, CAMPAIGN)])
    assert refused.status_code == 403
    assert not await house.database["upload_chunks"].count_documents({})
    import_id = (await house.upload(content)).json()["import_id"]
    for path in (f"/voters/imports/{import_id}", f"/voters/imports/{import_id}/rejected.csv"):
        answer = await house.http.get(path, headers=house.headers((role, CAMPAIGN)))
        assert answer.status_code == 404


async def test_a_role_in_one_campaign_imports_nothing_into_another(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    refused = await house.upload(content, grants=[("campaign_admin", OTHER_CAMPAIGN)])
    assert refused.status_code == 403
    assert not await house.database["upload_chunks"].count_documents({})
    assert not await house.database["imports"].count_documents({})


async def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    database: Database, mongodb_url: str, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 5_000)
    async with open_house(database, Clock(NOON), mongodb_url, upload_bytes_max=2_000_000) as house:
        declared = await house.upload(content)
        boundary = "xxBOUNDARYxx"
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'

        async def streamed() -> AsyncIterator[bytes]:
            yield head.encode()
            yield content

        headers = house.headers() | {"content-type": f"multipart/form-data; boundary={boundary}"}
        found_out = await house.http.post("/voters/imports", headers=headers, content=streamed())
        for answer in (declared, found_out):
            assert answer.status_code == 413
            assert answer.json()["type"] == "/problems/file-too-large"
            assert "2000000" in answer.json()["detail"]
        assert not await database["upload_chunks"].count_documents({})


async def test_an_upload_that_says_too_little_or_breaks_off_is_refused(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    url, headers = "/voters/imports", house.headers()
    files = {"file": ("a.txt", content)}
    answers = [
        await house.http.post(url, headers=headers, files=files),
        await house.http.post(url, headers=headers, data={"campaign_id": CAMPAIGN}),
        await house.http.post(url, headers=headers, json={"campaign_id": CAMPAIGN}),
        await house.upload(content, profile="nonsense"),
        await house.upload(b""),
    ]
    whole = house.http.build_request(
        "POST", url, headers=headers, files=files, data={"campaign_id": CAMPAIGN}
    )
    body = whole.read()
    broken = whole.headers["content-type"]
    answers.append(
        await house.http.post(url, headers=headers | {"content-type": broken}, content=body[:-200])
    )
    assert [answer.status_code for answer in answers] == [422] * 6
    assert {answer.json()["type"] for answer in answers} == {"/problems/upload-invalid"}
    without_key = {name: text for name, text in headers.items() if name != "idempotency-key"}
    missing = await house.http.post(
        url, headers=without_key, files=files, data={"campaign_id": CAMPAIGN}
    )
    assert missing.json()["type"] == "/problems/idempotency-key-missing"
    assert not await house.database["upload_chunks"].count_documents({})


async def test_a_rejected_row_runs_as_no_formula_in_a_spreadsheet(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    file = content + b'=HYPERLINK("http://evil.example")\r\n@SUM(A1)\r\n'
    state = await house.imported(file)
    assert state["rows_rejected"] == 2
    answer = await house.http.get(
        f"/voters/imports/{state['import_id']}/rejected.csv", headers=house.headers()
    )
    raws = [row[4] for row in csv.reader(io.StringIO(answer.content.decode("utf-8")))][1:]
    assert raws == ['\'=HYPERLINK("http://evil.example")', "'@SUM(A1)"]


async def test_uploads_that_became_no_import_are_forgotten_after_a_day(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    await house.upload(content)
    lost = house.desk.uploads.begin(house.clock())
    lost.take(content)
    await lost.finish()
    chunks = house.database["upload_chunks"]
    await house.desk.uploads.forget_orphans(house.clock())
    assert await chunks.count_documents({}) == 2
    house.clock.at = house.clock().replace(day=house.clock().day + 2)
    await house.desk.uploads.forget_orphans(house.clock())
    assert await chunks.count_documents({"upload_id": lost.id}) == 0
    assert await chunks.count_documents({}) == 1


def test_the_columns_of_these_tests_are_those_of_the_file(tmp_path: Path) -> None:
    _, content = export(tmp_path, 30)
    row = cells(content)[0]
    assert row[ID].startswith("990000001")
    assert any(cells(content)[n][PHONE].endswith(tuple("0123456789")) for n in range(30))
