"""Handing out by one process: what comes first, what is asked of whom, and every kind of no."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from libs.chassis.problems import TooMany, Unavailable
from libs.events.results import Disposition
from libs.events.voters import UniverseDefined, UniverseEntered
from libs.eventstore.store import handle
from services.queue.domain.errors import (
    AllInProgress,
    BeingPrepared,
    Closed,
    Finished,
    NobodyToCall,
    NoSuchPhoneBank,
    NotYourPhoneBank,
    OutsideHours,
    Paused,
)
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import SuppressLine
from services.queue.domain.phone_bank import ClosePhoneBank, PausePhoneBank
from services.queue.entries import line_stream
from services.queue.reasons import LOOK_AGAIN_SOON_SECONDS
from tests.queue.asking import ask, ask_until_served, receipt_of, skip
from tests.queue.house import CAMPAIGN, UNIVERSE, House, caller, organizer
from tests.queue.lines import CENTRAL, MORNING, at

pytestmark = pytest.mark.real


# What comes first


async def test_fresh_voters_come_before_retries_by_themselves(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"], "three": ["carl"]})
    await house.open_bank()
    first = await ask(house, house.handout())
    await house.call_ended(first.assigned)
    house.clock.at = at(7, 13)
    handout = house.handout()
    others = [await ask(house, handout, name) for name in ("dora", "emil")]
    assert first.assigned.voter_id not in {each.assigned.voter_id for each in others}
    assert (
        await ask_until_served(house, handout, "finn")
    ).assigned.voter_id == first.assigned.voter_id


async def test_a_promise_is_kept_first_and_by_who_made_it(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(9)})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.CALL_BACK, call_back_at=at(6, 18))
    promised = first.assigned.voter_id
    house.clock.at = at(6, 17, 59)
    before = await ask(house, handout)
    await house.call_ended(before.assigned)
    house.clock.at = at(6, 18)
    another = await ask(house, handout, "dora")
    kept = await ask(house, handout)
    assert promised not in {before.assigned.voter_id, another.assigned.voter_id}
    assert kept.assigned.voter_id == promised


async def test_when_who_promised_is_not_there_somebody_else_keeps_it(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.CALL_BACK, call_back_at=at(6, 18))
    house.clock.at = at(6, 18, 10)
    with pytest.raises((AllInProgress, NobodyToCall)):
        await ask(house, handout, "dora")
    house.clock.at = at(6, 18, 31)
    assert (await ask_until_served(house, handout, "dora")).assigned.voter_id == "ann"


async def test_a_voter_on_one_screen_is_not_handed_out_on_another_line(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank()
    await ask(house, house.handout())
    await house.catch_up()
    with pytest.raises(AllInProgress):
        await ask(house, house.handout(), "dora")


async def test_after_a_wrong_number_the_voters_other_line_is_tried(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.WRONG_NUMBER)
    second = await ask_until_served(house, handout)
    assert second.assigned.voter_id == "ann"
    assert second.assigned.line_id != first.assigned.line_id


async def test_a_skipped_line_goes_to_another_caller_after_its_rest(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    await skip(house, await ask(house, handout))
    with pytest.raises(NobodyToCall):
        await ask(house, handout, "dora")
    house.clock.forward(minutes=11)
    with pytest.raises(AllInProgress):
        await ask(house, handout)
    assert (await ask_until_served(house, handout, "dora")).created


async def test_practice_goes_on_at_any_hour(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank(practice=True)
    house.clock.at = at(6, 3)  # In the middle of the night.
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned)
    second = await ask(house, handout)
    assert {first.assigned.voter_id, second.assigned.voter_id} == {"ann", "bob"}


# What the view does not know


async def test_a_stale_row_is_tried_once_and_its_people_are_not_looked_up(house: House) -> None:
    """The line was let go, and no row has heard of it."""
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    gone = SuppressLine(CAMPAIGN, "one", (), "do_not_call", house.clock())
    await handle(house.log, LINE, line_stream(CAMPAIGN, "one"), gone, house.request())
    handout = house.handout()
    assert (await ask(house, handout)).assigned.voter_id == "bob"
    asked = {voter for _, voters in house.people.questions for voter in voters}
    assert asked == {"bob"}
    assert "one" in handout._blocks["bank"]._avoided


async def test_while_the_bus_is_away_no_answered_line_goes_out_again(house: House) -> None:
    """Kafka is down: no view and no stream hears of results, and leases lapse."""
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    second = await ask(house, handout, receipt=receipt_of(first))
    house.clock.forward(minutes=15)
    with pytest.raises(AllInProgress):
        await ask(house, handout, receipt=receipt_of(second))


async def test_a_line_that_moved_after_it_was_made_ready_is_dropped(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"], "three": ["carl"]})
    await house.open_bank()
    handout = house.handout()
    await ask(house, handout)
    ready = [entry.line_id for entry in handout._blocks["bank"]._ready]
    for line_id in ready:
        gone = SuppressLine(CAMPAIGN, line_id, (), "do_not_call", house.clock())
        await handle(house.log, LINE, line_stream(CAMPAIGN, line_id), gone, house.request())
    with pytest.raises(AllInProgress):
        await ask(house, handout, "dora")


async def test_cards_are_let_go_when_nobody_came_for_them(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"], "three": ["carl"]})
    await house.open_bank()
    handout = house.handout()
    await ask(house, handout)
    block = handout._blocks["bank"]
    assert block._ready
    house.clock.forward(seconds=31)
    block.sweep(house.clock())
    assert not block._ready
    assert (await ask(house, handout, "dora")).created


async def test_no_more_cards_are_ready_than_go_out_in_two_seconds(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(60)})
    await house.open_bank()
    handout = house.handout()
    await ask(house, handout)
    block = handout._blocks["bank"]
    await block.filled()
    per_second = 10
    block._handed_out.extend([house.clock()] * 30 * per_second)
    await block.filled()
    while len(block._ready) > 2 * per_second + 1:
        block.take("casper", house.clock())
        assert block._filling is None, len(block._ready)
    block.take("casper", house.clock())
    assert block._filling is not None


async def test_when_the_vault_is_away_nothing_is_handed_out(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()

    class Away:
        async def cards(self, *_, **__):
            raise Unavailable("The vault of voters does not answer.")

    people, house.people = house.people, Away()  # type: ignore[assignment]  # a port of one method.
    handout = house.handout()
    with pytest.raises(Unavailable):
        await ask(house, handout)
    house.people = people
    assert (await ask(house, house.handout())).created


# Every kind of no


async def test_a_bank_that_is_paused_or_closed_says_so(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    with pytest.raises(NoSuchPhoneBank):
        await ask(house, house.handout(), bank_id="unknown")
    await house.run("bank", PausePhoneBank())
    with pytest.raises(Paused):
        await ask(house, house.handout())
    await house.run("bank", ClosePhoneBank())
    with pytest.raises(Closed):
        await ask(house, house.handout())


async def test_a_pause_reaches_a_process_that_knew_the_bank_within_seconds(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(9)})
    await house.open_bank()
    handout = house.handout()
    await ask(house, handout)
    await house.run("bank", PausePhoneBank())
    house.clock.forward(seconds=10)
    with pytest.raises(Paused):
        await ask(house, handout, "dora")


async def test_a_bank_ends_as_the_polls_close(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank(closes_at=at(6, 18))
    handout = house.handout()
    house.clock.at = at(6, 18)
    with pytest.raises(Closed):
        await ask(house, handout)


async def test_outside_the_hours_it_says_when_calling_opens(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.import_voters({"two": ["bob"]}, zones=(CENTRAL,))
    await house.open_bank()
    house.clock.at = at(6, 7)
    with pytest.raises(OutsideHours) as caught:
        await ask(house, house.handout())
    assert caught.value.extra["next_opening"] == at(6, 9)
    house.clock.at = at(6, 9, 30)
    handout = house.handout()
    assert (await ask(house, handout)).assigned.voter_id == "ann"
    await house.catch_up()
    house.clock.forward(minutes=1)
    with pytest.raises(AllInProgress):
        await ask(house, handout, "dora")


async def test_when_everybody_was_called_it_says_whether_somebody_is_called_again(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    shown = await ask(house, handout)
    await house.call_ended(shown.assigned)
    with pytest.raises(NobodyToCall) as caught:
        await ask(house, handout)
    assert caught.value.extra["next_at"] == at(7, 12)
    house.clock.at = at(7, 13)
    shown = await ask_until_served(house, handout)
    await house.call_ended(shown.assigned, Disposition.CANVASSED)
    house.clock.forward(seconds=5)
    with pytest.raises(Finished):
        await ask(house, handout)


async def test_a_list_whose_voters_are_still_to_come_is_not_called_finished(
    house: House,
) -> None:
    await house.open_bank()
    handout = house.handout()
    on_the_universe: dict[str, Any] = {"campaign_id": CAMPAIGN, "universe_id": UNIVERSE}
    # Each is a partition of its own, and may be behind the others.
    for fact in (
        None,
        UniverseDefined(name="Erie", selection={}, voters=2, **on_the_universe),
        UniverseEntered(voter_ids=("ann",), **on_the_universe),
        UniverseEntered(voter_ids=("bob",), **on_the_universe),
    ):
        if fact is not None:
            await house.tell(f"universe-{UNIVERSE}", fact)
            await house.catch_up()
            house.clock.forward(seconds=5)
        with pytest.raises(BeingPrepared) as caught:
            await ask(house, handout)
        assert caught.value.extra["retry_after_seconds"] == LOOK_AGAIN_SOON_SECONDS
    await house.put_on_file({"one": ["ann", "bob"]})
    await house.catch_up()
    assert set((await ask_until_served(house, handout)).assigned.voter_ids) == {"ann", "bob"}


async def test_a_bank_is_for_the_callers_of_its_organizations_and_those_with_a_role(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    stranger = caller("stranger", "another")
    with pytest.raises(NotYourPhoneBank):
        await handout.next("bank", stranger, house.request(), None)
    with pytest.raises(NotYourPhoneBank):
        await handout.next("bank", organizer("another campaign"), house.request(), None)
    shut_out = replace(caller("bea"), shut_campaigns=(CAMPAIGN,))
    with pytest.raises(NotYourPhoneBank, match="password"):
        await handout.next("bank", shut_out, house.request(), None)
    assert (await handout.next("bank", organizer(), house.request(), None)).created


async def test_a_caller_is_shown_so_many_voters_an_hour(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(9)})
    await house.open_bank()
    handout = house.handout(voters_per_hour_max=2)
    first = await ask(house, handout)
    second = await ask(house, handout, receipt=receipt_of(first))
    house.clock.forward(minutes=20)
    with pytest.raises(TooMany) as caught:
        await ask(house, handout, receipt=receipt_of(second))
    assert caught.value.extra["retry_after_seconds"] == 40 * 60
    assert (await ask(house, handout, "dora")).created
    house.clock.at = MORNING + timedelta(hours=1)
    assert (await ask(house, handout, receipt=receipt_of(second))).created
