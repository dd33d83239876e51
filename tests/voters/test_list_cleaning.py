"""What calls learn of lines: the rule, and the policy over a real vault."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.chassis.problems import Unavailable
from libs.events.base import Event, Recorded
from libs.events.queue import PhoneBankCreated
from libs.events.results import (
    CallCorrected,
    CallDispositioned,
    CallSuperseded,
    Disposition,
)
from libs.events.voters import LineReinstated, LineRetired, LineSuspected
from services.voters.domain.facts import LineReported
from services.voters.domain.line import LINE, ReportDisconnected, TakeBackReport
from services.voters.policies import list_cleaning
from services.voters.views.phone_banks import COLLECTION, PhoneBanks
from tests.support.spec import Asked, spec
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, House

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LINE_OF = {"campaign_id": "c", "line_id": "l"}


def report(
    call_id: str, minutes: float = 0, *, voter_id: str = "ann", definite: bool = False
) -> ReportDisconnected:
    received_at = NOON + timedelta(minutes=minutes)
    return ReportDisconnected(
        **LINE_OF, call_id=call_id, voter_id=voter_id, definite=definite, received_at=received_at
    )


def slip(call_id: str, minutes: float = 1, *, voter_id: str = "ann") -> TakeBackReport:
    received_at = NOON + timedelta(minutes=minutes)
    return TakeBackReport(**LINE_OF, call_id=call_id, voter_id=voter_id, received_at=received_at)


def told(asked: Asked) -> list[Event]:
    """What others are told."""
    return [fact for fact in asked.facts() if not isinstance(fact, LineReported)]


def suspected(call_id: str) -> LineSuspected:
    return LineSuspected(**LINE_OF, call_id=call_id)


def retired(call_id: str) -> LineRetired:
    return LineRetired(**LINE_OF, call_id=call_id)


def reinstated(call_id: str) -> LineReinstated:
    return LineReinstated(**LINE_OF, call_id=call_id)


line = spec(LINE)


def test_the_first_report_makes_a_line_suspect_and_the_second_retires_it() -> None:
    assert told(line.when(report("k1"))) == [suspected("k1")]
    assert told(line.done(report("k1")).when(report("k2"))) == [retired("k2")]
    assert told(line.given(suspected("k1")).when(report("k2"))) == [retired("k2")]


def test_a_household_of_one_call_is_one_report() -> None:
    assert told(line.done(report("k1")).when(report("k1", voter_id="bob"))) == []
    line.done(report("k1")).when(report("k1")).then()


def test_a_definite_recording_retires_at_once() -> None:
    assert told(line.when(report("k1", definite=True))) == [retired("k1")]
    again = line.done(report("k1")).when(report("k1", 1, definite=True))
    assert told(again) == [retired("k1")]


def test_a_retired_line_is_retired_once() -> None:
    dead = line.done(report("k1", definite=True))
    assert told(dead.when(report("k2"))) == []
    assert told(line.given(retired("k1")).when(report("k2", definite=True))) == []


SUSPECT = (report("k1"),)
TWICE = (report("k1"), report("k2"))
DEFINITE = (report("k1", definite=True),)
SLIPS = [
    # the reports, the slip, what others are told
    (SUSPECT, slip("k1"), []),
    (TWICE, slip("k1"), [reinstated("k1")]),
    (TWICE, slip("k2"), [reinstated("k2")]),
    (DEFINITE, slip("k1"), [reinstated("k1")]),
    (DEFINITE, report("k1", 1), [reinstated("k1")]),
    ((*SUSPECT, report("k2", definite=True)), slip("k1"), []),
    ((*TWICE, report("k3")), slip("k2"), []),
    ((report("k1"), report("k1", voter_id="bob"), report("k2")), slip("k1"), []),
    (SUSPECT, slip("k2"), []),
]


@pytest.mark.parametrize(("reports", "taken_back", "others_hear"), SLIPS)
def test_when_a_report_was_a_slip_the_others_decide(reports, taken_back, others_hear) -> None:
    assert told(line.done(*reports).when(taken_back)) == others_hear


def test_a_line_given_back_is_retired_by_the_next_report() -> None:
    back = line.done(*TWICE, slip("k1"))
    assert told(back.when(report("k3"))) == [retired("k3")]
    assert told(back.when(report("k1", 2))) == [retired("k1")]
    clean = line.done(*SUSPECT, slip("k1"))
    assert told(clean.when(report("k3"))) == [suspected("k3")]


def test_a_report_that_comes_again_after_its_correction_changes_nothing() -> None:
    back = line.done(*TWICE, slip("k1", 5))
    back.when(report("k1")).then()
    back.when(report("k1", 5)).then()
    back.when(slip("k1", 5)).then()
    line.done(report("k1", 5)).when(slip("k1", 4)).then()


def test_slips_of_before_there_were_reports_are_undone_too() -> None:
    old = line.given(suspected("k1"), retired("k2"))
    for call_id in ("k1", "k2"):
        assert told(old.when(slip(call_id))) == [reinstated(call_id)]
        old.done(slip(call_id)).when(slip(call_id)).then()
    assert told(line.given(retired("k1")).when(slip("k1"))) == [reinstated("k1")]


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


def correction(was: Recorded, disposition: Disposition, number: int) -> list[Recorded]:
    """What results publishes, a minute later, when the call ended otherwise."""
    call = was.event
    assert isinstance(call, CallDispositioned)
    at = call.received_at + timedelta(minutes=1)
    said = call.model_copy(update={"disposition": disposition, "received_at": at})
    gone = CallSuperseded(**call.model_dump(), by_call_id=call.call_id)
    corrected = CallCorrected(
        **call.model_dump(),
        corrected_by="caller1",
        by="caller",
        disposition_was=call.disposition,
        corrected_at=at,
    ).model_copy(update={"disposition": disposition})
    facts: list[Event] = [said, gone, corrected]
    return [recorded(fact, number + n, at, "results.events") for n, fact in enumerate(facts)]


@pytest.mark.real
async def test_a_wrong_number_that_was_a_slip_comes_back_to_card_and_selection(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    await house.imported(joined([changed(cells(content)[0], phone="6105550123")]))
    (ann,) = await house.voter_ids()
    (line,) = (await house.cards([ann]))[ann]["lines"]
    await phone_bank(house, "calls", practice=False)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    slip = heard(ann, line["line_id"], Disposition.WRONG_NUMBER)
    corrected = correction(slip, Disposition.NOT_HOME, 2)
    # The bus repeats what it may have sent before: the end of the row is the same.
    for fact in (slip, slip, *corrected, slip, *corrected):
        await policy.react(fact)
    assert (await house.cards([ann]))[ann]["lines"] == [line]
    row = await house.database["selectable"].find_one({"voter_id": ann})
    assert row is not None
    assert row["has_phone"]
    assert len(await house.facts("voter-line-relinked")) == 1
    assert (await house.facts("voter-changed"))[-1]["line_ids"] == [line["line_id"]]
    again = heard(ann, line["line_id"], Disposition.WRONG_NUMBER, "k2", 5)
    await policy.react(again)
    assert (await house.cards([ann]))[ann]["lines"] == []


@pytest.mark.real
async def test_a_wrong_number_that_stays_one_stays_one(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 20)
    await house.imported(joined([changed(cells(content)[0], phone="6105550123")]))
    (ann,) = await house.voter_ids()
    (line,) = (await house.cards([ann]))[ann]["lines"]
    await phone_bank(house, "calls", practice=False)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    said = heard(ann, line["line_id"], Disposition.WRONG_NUMBER)
    # A note was mended, the ending is the same.
    for fact in (said, *correction(said, Disposition.WRONG_NUMBER, 2)):
        await policy.react(fact)
    assert (await house.cards([ann]))[ann]["lines"] == []
    assert not await house.facts("voter-line-relinked")


@pytest.mark.real
async def test_a_dead_line_that_was_a_slip_or_counts_no_longer_is_reinstated(
    house: House,
) -> None:
    await phone_bank(house, "calls", practice=False)
    policy = list_cleaning(house.desk.log, house.database, house.clock)
    first = heard("ann", "line1", Disposition.DISCONNECTED, "k1", 1)
    second = heard("ann", "line1", Disposition.DISCONNECTED, "k2", 2)
    for fact in (first, second, *correction(first, Disposition.BUSY, 3)):
        await policy.react(fact)
    assert [fact["call_id"] for fact in await house.facts("line-reinstated")] == ["k1"]
    call = second.event
    third = heard("ann", "line1", Disposition.DISCONNECTED, "k3", 6)
    await policy.react(third)
    assert len(await house.facts("line-retired")) == 2
    # Of two results for one attempt a later one counts instead.
    gone = CallSuperseded(**call.model_dump(), by_call_id="k4")
    await policy.react(recorded(gone, 7, NOON, "results.events"))
    reinstated_by = [fact["call_id"] for fact in await house.facts("line-reinstated")]
    assert reinstated_by == ["k1", "k2"]


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
