"""The clock: silence gives the line back, whoever and however many look."""

import asyncio

import pytest

from libs.events.queue import AssignmentExpired, PhoneBankClosed
from services.queue.bank_book import bank_stream
from services.queue.domain.errors import AllInProgress
from services.queue.entries import line_stream
from tests.queue.house import CAMPAIGN, House, caller
from tests.queue.lines import at

pytestmark = pytest.mark.real


async def test_a_silent_callers_line_goes_to_the_next_once(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    await house.handout().next("bank", caller(), house.request(), None)
    await house.catch_up()
    house.clock.forward(minutes=10, seconds=29)
    assert await house.time_passes().tick() == 0
    house.clock.forward(seconds=1)
    clocks = [house.time_passes() for _ in range(3)]
    assert sum(await asyncio.gather(*(clock.tick() for clock in clocks))) == 1
    await house.catch_up()
    assert await house.time_passes().tick() == 0
    history = await house.log.read(line_stream(CAMPAIGN, "one"))
    assert sum(isinstance(fact, AssignmentExpired) for fact in history.facts) == 1
    shown = await house.handout().next("bank", caller("dora"), house.request(), None)
    assert shown.assigned.voter_id == "ann"
    # The next silence on the same line is another expiry, not a repeat of the first.
    await house.catch_up()
    house.clock.forward(minutes=10, seconds=30)
    assert await house.time_passes().tick() == 1


async def test_a_caller_at_work_keeps_the_line(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    shown = await handout.next("bank", caller(), house.request(), None)
    stream = line_stream(CAMPAIGN, "one")
    for _ in range(5):
        house.clock.forward(minutes=6)
        await handout.extend(stream, shown.assigned, "casper")
        await house.catch_up()
        assert await house.time_passes().tick() == 0
    with pytest.raises(AllInProgress):
        await handout.next("bank", caller("dora"), house.request(), None)


async def test_a_bank_is_closed_as_its_polls_close(house: House) -> None:
    await house.open_bank(closes_at=at(6, 20))
    assert await house.time_passes().tick() == 0
    house.clock.at = at(6, 20)
    assert await house.time_passes().tick() == 1
    await house.catch_up()
    assert await house.time_passes().tick() == 0
    history = await house.log.read(bank_stream("bank"))
    assert isinstance(history.facts[-1], PhoneBankClosed)
