"""Others' facts reach the lines: results, what voters learned; each fact comes twice here."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from libs.database import Database
from libs.events.queue import AssignmentWithdrawn, LineSuppressed
from libs.events.results import Disposition
from libs.events.voters import (
    LineReinstated,
    LineRetired,
    VoterLineRelinked,
    VoterLineUnlinked,
)
from services.queue.entries import line_stream
from services.queue.views.searches import COLLECTION
from services.queue.views.searches import COLLECTION as VOTERS
from tests.queue.house import CAMPAIGN, House, caller

pytestmark = pytest.mark.real


@pytest_asyncio.fixture(params=[True, False], ids=["together", "one by one"])
async def house(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[House]:
    """Results of a household come together before they come one by one, or after."""
    house = await House(database, together_first=request.param).open()
    yield house
    await house.close()


async def facts_of(house: House, line_id: str) -> list[str]:
    history = await house.log.read(line_stream(CAMPAIGN, line_id))
    return [type(fact).__name__ for fact in history.facts]


async def hand_out(house: House, name: str = "casper"):
    shown = await house.handout().next("bank", caller(name), house.request(), None)
    await house.catch_up()
    return shown.assigned


async def on_line(house: House, line_id: str) -> None:
    """Ann's row has not heard of the call that is under way, and names this line."""
    rows = house.database[COLLECTION]
    free: dict[str, Any] = {"leases": [], "lease_until": None}
    await rows.update_many({}, {"$set": free})
    ann = {"free_at": (await house.row("bob"))["free_at"], "next_line": line_id}
    await rows.update_one({"_id": f"{CAMPAIGN}/ann"}, {"$set": ann})


async def corrected(house: House, assigned, disposition: Disposition, **changes) -> None:
    """A minute later the same call turns out to have ended otherwise."""
    said = {"called_at": house.clock()} | changes
    house.clock.forward(minutes=1)
    await house.call_ended(assigned, disposition, **said)


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
    await house.database[VOTERS].update_many({}, {"$set": {"leases": [], "lease_until": None}})
    await house.database[VOTERS].update_one(
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
    await corrected(house, assigned, Disposition.NOT_HOME)
    row = await house.row("ann")
    assert not row["blocked"]
    assert row["let_go"] == []


async def test_what_the_voter_asked_for_on_another_line_is_not_taken_back_with_a_slip_on_this_one(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann", "bob"]})
    await house.open_bank()
    first = await hand_out(house)
    other = "two" if first.line_id == "one" else "one"
    await on_line(house, other)
    second = await hand_out(house, "dora")
    assert second.line_id == other
    # Both calls end with the wish; the first one's was a slip.
    for assigned in (first, second):
        await house.call_ended(assigned, Disposition.REFUSED, voters=("ann",))
    await corrected(house, first, Disposition.NOT_HOME, voters=("ann",))
    assert (await house.row("ann"))["let_go"] == ["refused"]
    assert (await house.row("ann"))["blocked"]
    # So was the second one's.
    await corrected(house, second, Disposition.NOT_HOME, voters=("ann",))
    assert (await house.row("ann"))["let_go"] == []
    assert not (await house.row("ann"))["blocked"]


async def test_never_call_again_taken_back_frees_everybody_on_the_line(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"], "two": ["ann"]})
    await house.open_bank()
    assigned = await hand_out(house)
    await house.call_ended(assigned, Disposition.DO_NOT_CALL, voters=("ann",))
    assert (await house.row("ann"))["blocked"]
    await corrected(house, assigned, Disposition.CANVASSED, voters=("ann",))
    for voter in assigned.voter_ids:
        assert not (await house.row(voter))["blocked"]


async def test_a_result_that_comes_again_after_its_correction_changes_nothing(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    assigned = await hand_out(house)
    called_at = house.clock()
    await house.call_ended(assigned, Disposition.NOT_HOME)
    # A correction of an answer only: the ending is the same, and leads to nothing here.
    await corrected(house, assigned, Disposition.NOT_HOME, answers={"issue": "roads"})
    middle = house.clock()
    await corrected(house, assigned, Disposition.DECEASED, called_at=called_at)
    facts = await facts_of(house, assigned.line_id)
    await house.call_ended(assigned, called_at=called_at, received_at=middle)
    assert await facts_of(house, assigned.line_id) == facts
    assert (await house.row("ann"))["let_go"] == ["deceased"]


async def test_a_line_that_was_retired_by_a_slip_is_called_again(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    retired = LineRetired(campaign_id=CAMPAIGN, line_id="one", call_id="elsewhere")
    await house.tell("line-one", retired)
    await house.catch_up()
    assert (await house.row("ann"))["blocked"]
    reinstated = LineReinstated(campaign_id=CAMPAIGN, line_id="one", call_id="elsewhere")
    await house.tell("line-one", reinstated)
    await house.catch_up()
    assert (await hand_out(house)).voter_ids == ("ann", "bob")


async def test_a_number_that_is_the_voters_after_all_is_called_again(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    said = {"campaign_id": CAMPAIGN, "voter_id": "ann", "line_id": "one", "call_id": "elsewhere"}
    await house.tell("voter-ann", VoterLineUnlinked(**said))
    await house.catch_up()
    await house.tell("voter-ann", VoterLineRelinked(**said))
    await house.catch_up()
    assert (await hand_out(house)).voter_ids == ("ann", "bob")


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
