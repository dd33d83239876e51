"""Erasing for certain: whatever runs beside it, and whoever dies on the way."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from libs.events.base import Recorded
from libs.events.voters import VoterErased
from libs.eventstore.store import Commit, History, handle
from libs.views.policy import policy_request
from services.voters.domain.errors import PersonErased
from services.voters.domain.voter_registration import VOTER, EraseVoter, stream_of
from services.voters.importer import Importer
from services.voters.policies import forgetting
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, House

pytestmark = pytest.mark.real


async def erase(house: House, voter_id: str) -> None:
    """As the data manager does it."""
    answer = await house.http.post(
        "/voters/erasures",
        json={"campaign_id": CAMPAIGN, "voter_id": voter_id},
        headers=house.headers(),
    )
    assert answer.status_code == 201, answer.text


async def nothing_is_left(house: House, voter_id: str) -> None:
    """No card, no row to select, and no key or sealed byte of this person."""
    assert await house.cards([voter_id]) == {}
    assert voter_id not in await house.voter_ids()
    owner = f"{CAMPAIGN}/{voter_id}"
    assert await house.database["people"].find_one({"_id": owner}) == {"_id": owner}
    assert not await house.database["deposits"].count_documents({"voter_id": voter_id})


@pytest.mark.parametrize("moment", ["after it read the log", "before it appends"])
async def test_an_import_in_flight_does_not_bring_an_erased_person_back(
    house: House, tmp_path: Path, moment: str
) -> None:
    _, content = export(tmp_path, 20)
    rows = cells(content)
    await house.imported(joined(rows))
    ann, *others = await house.voter_ids()
    # A part is not looked through first, so that it is the import itself that is overtaken.
    later = joined([changed(row, city="ELSEWHERE") for row in rows])
    started = await house.upload(later, extent="part")
    log = house.desk.log
    read_many, append = log.read_many, log.append

    async def overtaken_reading(streams: Iterable[str]) -> dict[str, History]:
        histories = await read_many(streams)
        if any(stream.startswith("voter-") for stream in histories):
            log.read_many = read_many  # type: ignore[method-assign]
            await erase(house, ann)
        return histories

    async def overtaken_appending(commit: Commit) -> Commit:
        if commit.stream.startswith("voter-"):
            log.append = append  # type: ignore[method-assign]
            await erase(house, ann)
        return await append(commit)

    if moment == "before it appends":
        log.append = overtaken_appending  # type: ignore[method-assign]
    else:
        log.read_many = overtaken_reading  # type: ignore[method-assign]
    with pytest.raises(PersonErased):
        await Importer(house.desk).work()
    await nothing_is_left(house, ann)
    await house.run_importer()
    state = await house.state(started.json()["import_id"])
    assert (state["state"], state["rows_rejected"]) == ("done", 1)
    assert state["rows_changed"] == len(others)
    await nothing_is_left(house, ann)


async def test_who_records_an_erasure_and_dies_is_finished_for(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    await house.imported(content)
    ann, bob, *_ = await house.voter_ids()
    stream = stream_of(CAMPAIGN, ann)
    fact = Recorded(
        event=VoterErased(campaign_id=CAMPAIGN, voter_id=ann),
        id="fact1",
        stream=stream,
        version=2,
        at=datetime(2026, 10, 5, tzinfo=UTC),
        topic="voters.events",
        partition=0,
        position=1,
    )
    request = policy_request("test", fact, stream, house.clock())
    await handle(house.desk.log, VOTER, stream, EraseVoter(CAMPAIGN, ann), request)
    assert set(await house.cards([ann, bob])) == {ann, bob}
    policy = forgetting(house.database)
    assert policy.listens == (VoterErased,)
    await policy.react(fact)
    await policy.react(fact)
    await nothing_is_left(house, ann)
    assert set(await house.cards([ann, bob])) == {bob}
