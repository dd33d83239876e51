"""What calls learn of lines: the rule, and the policy over a real vault."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from libs.chassis.problems import Unavailable
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankCreated
from libs.events.results import CallDispositioned, Disposition
from libs.events.voters import LineRetired, LineSuspected
from services.voters.domain.line import LINE, ReportDisconnected
from services.voters.policies import list_cleaning
from services.voters.views.phone_banks import COLLECTION, PhoneBanks
from tests.support.spec import spec
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, House


def report(call_id: str, *, definite: bool = False) -> ReportDisconnected:
    return ReportDisconnected("c", "l", call_id, definite)


def suspected(call_id: str) -> LineSuspected:
    return LineSuspected(campaign_id="c", line_id="l", call_id=call_id)


def retired(call_id: str) -> LineRetired:
    return LineRetired(campaign_id="c", line_id="l", call_id=call_id)


def test_the_first_report_makes_a_line_suspect_and_the_second_retires_it() -> None:
    spec(LINE).when(report("k1")).then(suspected("k1"))
    spec(LINE).given(suspected("k1")).when(report("k2")).then(retired("k2"))


def test_a_household_of_one_call_is_one_report() -> None:
    spec(LINE).given(suspected("k1")).when(report("k1")).then()


def test_a_definite_recording_retires_at_once() -> None:
    spec(LINE).when(report("k1", definite=True)).then(retired("k1"))
    spec(LINE).given(suspected("k1")).when(report("k1", definite=True)).then(retired("k1"))


def test_a_retired_line_is_retired_once() -> None:
    spec(LINE).given(retired("k1")).when(report("k2")).then()
    spec(LINE).given(retired("k1")).when(report("k2", definite=True)).then()


def heard(
    voter_id: str,
    line_id: str,
    disposition: Disposition,
    call_id: str = "k1",
    number: int = 1,
    bank_id: str = "calls",
) -> Recorded:
    """A result as it comes from the bus."""
    at = datetime(2026, 10, 5, 12, tzinfo=UTC)
    call = CallDispositioned(
        campaign_id=CAMPAIGN,
        voter_id=voter_id,
        voter_ids=(voter_id,),
        call_id=call_id,
        assignment_id=f"assignment-{call_id}",
        bank_id=bank_id,
        line_id=line_id,
        caller_id="caller1",
        organization_id=None,
        script_version=1,
        disposition=disposition,
        spoke_with="other",
        answers={},
        called_at=at,
        received_at=at,
    )
    return recorded(call, number, at, "results.events")


def recorded(event: Event, number: int, at: datetime, topic: str) -> Recorded:
    return Recorded(
        event=event,
        id=f"fact{number}",
        stream="any-1",
        version=1,
        at=at,
        topic=topic,
        partition=0,
        position=number,
    )


async def phone_bank(house: House, bank_id: str, *, practice: bool) -> None:
    """A phone bank as the view has it."""
    created = PhoneBankCreated(
        campaign_id=CAMPAIGN,
        bank_id=bank_id,
        name="A phone bank",
        candidate="A candidate",
        state="PA",
        purpose="list_cleaning",
        universe_id="u",
        practice=practice,
        hours={},
        organization_ids=(),
    )
    fact = recorded(created, 1, house.clock(), "queue.events")
    view = PhoneBanks()
    assert type(created) in view.listens
    (row_id,) = view.keys(fact)
    row = view.evolve(None, fact)
    assert row is not None
    assert view.evolve(dict(row), fact) == row
    await house.database[COLLECTION].insert_one({"_id": row_id} | row)


@pytest.mark.real
async def test_a_wrong_number_leaves_card_and_selection_and_no_import_undoes_it(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    first, second, *_ = cells(content)
    first, second = changed(first, phone="6105550123"), changed(second, phone="6105550123")
    await house.imported(joined([first, second]))
    ann, bob = await house.voter_ids()
    (line,) = (await house.cards([ann]))[ann]["lines"]
    await phone_bank(house, "calls", practice=False)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    fact = heard(ann, line["line_id"], Disposition.WRONG_NUMBER)
    await policy.react(fact)
    await policy.react(fact)
    assert len(await house.facts("voter-line-unlinked")) == 1
    cards = await house.cards([ann, bob])
    assert cards[ann]["lines"] == []
    assert cards[bob]["lines"] == [line]
    moved = joined([changed(first, city="ELSEWHERE", phone="6105550123"), second])
    assert (await house.imported(moved))["rows_changed"] == 1
    assert (await house.cards([ann]))[ann]["lines"] == []
    rows = house.database["selectable"].find({}, {"voter_id": 1, "has_phone": 1})
    assert {r["voter_id"]: r["has_phone"] for r in await rows.to_list()} == {ann: False, bob: True}


@pytest.mark.real
async def test_two_calls_that_hear_a_dead_line_retire_it(house: House) -> None:
    await phone_bank(house, "calls", practice=False)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    dead = Disposition.DISCONNECTED
    await policy.react(heard("ann", "line1", dead, "k1", 1))
    await policy.react(heard("bob", "line1", dead, "k1", 2))
    await policy.react(heard("ann", "line1", Disposition.NOT_HOME, "k2", 3))
    assert [fact["call_id"] for fact in await house.facts("line-suspected")] == ["k1"]
    assert not await house.facts("line-retired")
    await policy.react(heard("ann", "line1", dead, "k3", 4))
    assert [fact["call_id"] for fact in await house.facts("line-retired")] == ["k3"]


@pytest.mark.real
async def test_practice_cleans_nothing(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 20)
    await house.imported(joined([changed(cells(content)[0], phone="6105550123")]))
    (ann,) = await house.voter_ids()
    (line,) = (await house.cards([ann]))[ann]["lines"]
    await phone_bank(house, "practice", practice=True)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    for number, marked in enumerate((Disposition.WRONG_NUMBER, Disposition.DISCONNECTED)):
        await policy.react(heard(ann, line["line_id"], marked, f"k{number}", number, "practice"))
    assert not await house.facts("voter-line-unlinked")
    assert not await house.facts("line-suspected")
    assert (await house.cards([ann]))[ann]["lines"] == [line]


@pytest.mark.real
async def test_a_result_that_is_here_before_its_phone_bank_waits(house: House) -> None:
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    fact = heard("ann", "line1", Disposition.DISCONNECTED)
    with pytest.raises(Unavailable):
        await policy.react(fact)
    assert not await house.facts("line-suspected")
    await phone_bank(house, "calls", practice=False)
    await policy.react(fact)
    assert len(await house.facts("line-suspected")) == 1
