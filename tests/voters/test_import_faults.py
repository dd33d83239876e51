"""What goes wrong on the way: no file, however odd, holds up the importer; a campaign's list."""

import asyncio
import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from libs.eventstore.store import Commit
from services.voters.domain.profiles.profile import DateOrder
from services.voters.domain.values import UNREADABLE_DATE, read_count, read_date
from services.voters.importer import FAULTS_MAX, Importer
from tests.voters.exports import export
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, House

LONG = "9" * 25
LONGER = "9" * 5_000
FILES = Path(__file__).parent / "files"
# In so long a step that went on without waiting would be over.
GONE_ON_SECONDS = 0.5


@pytest.mark.parametrize("text", [LONG, LONGER, "-1", "1e3", "", "²"])
def test_what_is_no_number_that_can_be_meant_is_none(text: str) -> None:
    assert read_count(text) is None
    assert read_count("0042") == 42


@pytest.mark.parametrize(
    "text", [f"12/31/{LONG}", f"12/31/{LONGER}", f"{LONG}/1/2000", "1/1/10000"]
)
def test_a_date_that_runs_on_counts_as_unknown(text: str) -> None:
    assert read_date(text, DateOrder.MONTH_DAY_YEAR) == UNREADABLE_DATE


@pytest.mark.real
async def test_ages_and_dates_that_run_on_cost_nobody_a_row(house: House) -> None:
    text = (FILES / "van_list_export.csv").read_bytes().decode("cp1252")
    header, first, *_ = csv.reader(io.StringIO(text))
    rows = []
    for number, (age, born) in enumerate([(LONG, ""), (LONGER, ""), ("44", f"1/1/{LONG}")]):
        row = dict(zip(header, first, strict=True))
        row |= {"Voter File VANID": str(7_000 + number), "Age": age}
        row |= {name: born for name in ("DOB", "DateOfBirth") if name in row}
        row |= {"StateFileID": ""} if "StateFileID" in row else {}
        rows.append(list(row.values()))
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    state = await house.imported(file.getvalue().encode())
    assert (state["state"], state["rows_kept"], state["rows_rejected"]) == ("done", 3, 0)
    cards = await house.cards(await house.voter_ids())
    assert len(cards) == 3
    assert all(card["age"] in {None, 44} for card in cards.values())


@pytest.mark.real
async def test_a_file_that_fails_again_and_again_ends_and_lets_others_pass(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 30)
    started = (await house.upload(content)).json()["import_id"]
    read_many = house.desk.log.read_many
    tries = 0

    async def failing(streams: Any) -> Any:
        nonlocal tries
        wanted = list(streams)
        if any(stream.startswith(f"voter-{CAMPAIGN}-") for stream in wanted):
            tries += 1
            raise ValueError("a fault of ours")
        return await read_many(wanted)

    house.desk.log.read_many = failing  # type: ignore[method-assign]
    await house.upload(
        content, campaign_id=OTHER_CAMPAIGN, grants=[("data_manager", OTHER_CAMPAIGN)]
    )
    await house.run_importer()
    assert tries == FAULTS_MAX
    state = await house.state(started)
    assert state["state"] == "failed"
    assert state["problem"].endswith(".")
    (stopped,) = await house.facts("voter-file-import-stopped")
    assert stopped["import_id"] == started
    assert {fact["campaign_id"] for fact in await house.facts("voter-imported")} == {OTHER_CAMPAIGN}
    assert not await house.database["upload_chunks"].count_documents({})


@pytest.mark.real
async def test_a_fault_that_passes_is_got_over(house: House, tmp_path: Path) -> None:
    written, content = export(tmp_path, 60)
    started = (await house.upload(content)).json()["import_id"]
    read_many = house.desk.log.read_many

    async def failing_once(streams: Any) -> Any:
        house.desk.log.read_many = read_many  # type: ignore[method-assign]
        raise ValueError("a fault of ours")

    house.desk.log.read_many = failing_once  # type: ignore[method-assign]
    assert await Importer(house.desk).work()
    await house.run_importer()
    state = await house.state(started)
    assert (state["state"], state["rows_kept"]) == ("done", written.voters)


@pytest.mark.real
@pytest.mark.parametrize("writes", ["people and rows", "facts"])
async def test_a_step_that_fails_has_ended_before_it_is_done_again(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: str
) -> None:
    """What it writes beside the write that fails is waited for: the log has it in hand already."""
    written, content = export(tmp_path, 60)
    # A part is not looked through first, so that it is the import itself that fails.
    started = (await house.upload(content, extent="part")).json()["import_id"]
    begun, let_end = asyncio.Event(), asyncio.Event()
    at_work = 0

    async def failing(*_: object) -> NoReturn:
        await begun.wait()
        raise ValueError("a fault of ours")

    async def slow(*_: object) -> None:
        nonlocal at_work
        at_work += 1
        begun.set()
        await let_end.wait()
        at_work -= 1

    chosen = iter([failing])
    append = house.desk.log.append

    async def appending(commit: Commit) -> Commit:
        if not commit.stream.startswith("voter-"):
            return await append(commit)
        await next(chosen, slow)()
        return commit

    with monkeypatch.context() as patch:
        if writes == "facts":
            patch.setattr(house.desk.log, "append", appending)
        else:
            patch.setattr(house.desk.people, "add", failing)
            patch.setattr(house.desk.selectable, "add", slow)
        importing = asyncio.create_task(Importer(house.desk).work())
        await begun.wait()
        assert not (await asyncio.wait({importing}, timeout=GONE_ON_SECONDS))[0]
        let_end.set()
        assert await importing
    assert not at_work
    await house.run_importer()
    state = await house.state(started)
    assert (state["state"], state["rows_kept"]) == ("done", written.voters)


@pytest.mark.real
async def test_a_campaigns_imports_are_listed_latest_first(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 20)
    first = (await house.imported(content))["import_id"]
    house.clock.at += timedelta(seconds=1)
    at_once = sorted([(await house.imported(content))["import_id"] for _ in range(2)])
    path = f"/voters/imports?campaign_id={CAMPAIGN}"
    pages: list[list[dict[str, Any]]] = []
    after: str | None = ""
    while after is not None and len(pages) < 9:
        one = f"{path}&limit=1&after={after}"
        page = (await house.http.get(one, headers=house.headers())).json()
        pages.append(page["imports"])
        after = page["next"]
    assert pages == [[await house.state(each)] for each in (*at_once, first)] + [[]]
    whole = (await house.http.get(path, headers=house.headers())).json()
    assert [each["import_id"] for each in whole["imports"]] == [*at_once, first]
    assert whole["next"] is None
    refused = await house.http.get(path, headers=house.headers(("organizer", CAMPAIGN)))
    assert refused.status_code == 403
