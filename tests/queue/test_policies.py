"""Others' facts reach the lines: results, what voters learned; each fact comes twice here."""

import pytest

from libs.events.queue import AssignmentWithdrawn, LineSuppressed
from libs.events.results import Disposition
from libs.events.voters import LineRetired, VoterLineUnlinked
from services.queue.entries import line_stream
from tests.queue.house import CAMPAIGN, House, caller

pytestmark = pytest.mark.real


async def facts_of(house: House, line_id: str) -> list[str]:
    history = await house.log.read(line_stream(CAMPAIGN, line_id))
    return [type(fact).__name__ for fact in history.facts]


async def hand_out(house: House, name: str = "casper"):
    shown = await house.handout().next("bank", caller(name), house.request(), None)
    await house.catch_up()
    return shown.assigned


async def test_a_result_ends_the_attempt_of_each_voter_once(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    await house.call_ended(await hand_out(house))
    assert await facts_of(house, "one") == ["VoterAssigned"] * 2 + ["AttemptEnded"] * 2
    assert (await house.row("ann"))["lease_until"] is None
    assert (await house.row("bob"))["tries"] == {"bank": 1}


async def test_a_refusal_holds_on_all_the_voters_lines_open_assignments_included(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann", "bob"]})
    await house.open_bank()
    first = await hand_out(house)
    # Bob's line goes out for Bob and Ann: the rows had not heard of Ann's other call.
    other = "two" if first.line_id == "one" else "one"
    await house.database["voters_v1"].update_many({}, {"$set": {"leases": [], "lease_until": None}})
    await house.database["voters_v1"].update_one(
        {"_id": f"{CAMPAIGN}/ann"},
        {"$set": {"free_at": (await house.row("bob"))["free_at"], "next_line": other}},
    )
    second = await hand_out(house, "dora")
    assert second.line_id == other
    await house.call_ended(first, Disposition.REFUSED, voters=("ann",))
    history = await house.log.read(line_stream(CAMPAIGN, other))
    suppressed = [fact for fact in history.facts if isinstance(fact, LineSuppressed)]
    withdrawn = [fact for fact in history.facts if isinstance(fact, AssignmentWithdrawn)]
    assert [(fact.voter_id, fact.reason) for fact in suppressed] == [("ann", "refused")]
    assert [fact.reason for fact in withdrawn] == ["refused"]
    assert (await house.row("ann"))["let_go"] == ["refused"]
    assert not (await house.row("bob"))["let_go"]


async def test_a_slip_is_taken_back_on_every_line(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank()
    assigned = await hand_out(house)
    await house.call_ended(assigned, Disposition.DECEASED)
    assert (await house.row("ann"))["blocked"]
    await house.call_ended(assigned, Disposition.NOT_HOME)
    row = await house.row("ann")
    assert not row["blocked"]
    assert row["let_go"] == []


async def test_never_call_again_reaches_everybody_on_the_line(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["carl"]})
    await house.open_bank()
    assigned = await hand_out(house)
    # Bob came onto the line after it was handed out.
    await house.import_voters({assigned.line_id: ["bob"]})
    await house.call_ended(assigned, Disposition.DO_NOT_CALL)
    assert (await house.row("bob"))["blocked"]
    assert (await house.row("bob"))["let_go"] == []


async def test_a_retired_line_is_let_go_with_all_who_share_it(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    assigned = await hand_out(house)
    retired = LineRetired(campaign_id=CAMPAIGN, line_id="one", call_id="elsewhere")
    await house.tell("line-one", retired)
    await house.catch_up()
    assert (await facts_of(house, "one"))[2:] == ["LineSuppressed", "AssignmentWithdrawn"]
    for voter in assigned.voter_ids:
        assert (await house.row(voter))["blocked"]


async def test_a_number_that_is_not_the_voters_is_not_called_for_that_voter(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    unlinked = VoterLineUnlinked(
        campaign_id=CAMPAIGN, voter_id="ann", line_id="one", call_id="elsewhere"
    )
    await house.tell("voter-ann", unlinked)
    await house.catch_up()
    assert (await hand_out(house)).voter_ids == ("bob",)


async def test_a_result_after_the_lease_ran_out_counts(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    assigned = await hand_out(house)
    called_at = house.clock()
    house.clock.forward(minutes=11)
    assert await house.time_passes().tick() == 1
    await house.catch_up()
    await house.call_ended(assigned, called_at=called_at)
    facts = await facts_of(house, "one")
    assert facts == ["VoterAssigned", "AssignmentExpired", "AttemptEnded"]
