"""Another number of the same voter: at once after a dead one, never to disturb anybody twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from libs.decider import Refusal
from libs.events.results import Disposition
from services.queue.assignments import Held
from services.queue.domain.errors import NoOtherNumber, ResultOnItsWay
from services.queue.entries import line_stream
from services.queue.handout import Handout
from services.queue.showing import Shown
from tests.queue.asking import ask, receipt_of
from tests.queue.house import CAMPAIGN, House, caller
from tests.queue.lines import CENTRAL, at

pytestmark = pytest.mark.real


def held(shown: Shown) -> Held:
    return Held(line_stream(CAMPAIGN, shown.assigned.line_id), shown.assigned)


async def other(house: House, handout: Handout, shown: Shown, **changes: Any) -> Shown:
    who = changes.pop("who", caller())
    request = changes.pop("request", None) or house.request()
    return await handout.other_numbers.claim(held(shown), "ann", who, request)


async def test_after_a_wrong_number_the_same_caller_has_the_other_at_once(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann", "bob"], "three": ["carl"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    while first.assigned.voter_id != "ann" or len(first.assigned.voter_ids) > 1:
        first = await ask(house, handout, receipt=receipt_of(first))
    await house.call_ended(first.assigned, Disposition.WRONG_NUMBER)
    request = house.request("key")
    second = await other(house, handout, first, request=request)
    assert second.created
    assert second.assigned.line_id == "two"
    assert set(second.assigned.voter_ids) == {"ann", "bob"}
    assert second.assigned.slot == first.assigned.slot + 1
    # The same request again is the same assignment, in any process; so is a bare "next".
    for process in (handout, house.handout()):
        assert (await other(house, process, first, request=request)).assigned == second.assigned
        assert (await ask(house, process)).assigned == second.assigned
    # The receipt of the first number frees nothing: two lines are never open for one caller.
    for process in (handout, house.handout()):
        again = await ask(house, process, receipt=receipt_of(first))
        assert again.assigned == second.assigned


async def test_the_first_number_has_its_own_result_first(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    with pytest.raises(ResultOnItsWay):
        await other(house, handout, first)


@pytest.mark.parametrize("ended", [Disposition.NOT_HOME, Disposition.BUSY, Disposition.REFUSED])
async def test_who_was_disturbed_is_not_rung_up_on_another_number(
    house: House, ended: Disposition
) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, ended)
    with pytest.raises(NoOtherNumber):
        await other(house, handout, first)


async def test_another_number_keeps_every_rule_of_its_line(house: House) -> None:
    """In use, out of hours, the caller's own: there is none."""
    await house.import_voters({"one": ["ann"], "two": ["ann"]}, zones=(CENTRAL,))
    await house.open_bank(attempts_max=3)
    handout = house.handout()
    house.clock.at = at(6, 20)
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.DISCONNECTED)
    two = next(line for line in ("one", "two") if line != first.assigned.line_id)
    mine = replace(caller(), own_lines=(two,))
    with pytest.raises(NoOtherNumber):
        await other(house, handout, first, who=mine)
    house.clock.at = at(6, 22)
    with pytest.raises(NoOtherNumber):
        await other(house, handout, first)


async def test_the_number_of_attempts_counts_on_all_numbers_together(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"]})
    await house.open_bank(attempts_max=1)
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.WRONG_NUMBER)
    with pytest.raises(NoOtherNumber):
        await other(house, handout, first)


async def test_two_tabs_that_ask_for_next_and_for_the_other_number_have_one_line(
    house: House,
) -> None:
    await house.import_voters({"one": ["ann"], "two": ["ann"], "three": ["carl"], "four": ["dan"]})
    await house.open_bank()
    processes = [house.handout(), house.handout()]
    first = await ask(house, processes[0])
    while first.assigned.voter_id != "ann":
        first = await ask(house, processes[0], receipt=receipt_of(first))
    await house.call_ended(first.assigned, Disposition.WRONG_NUMBER)
    answers = await asyncio.gather(
        other(house, processes[0], first),
        ask(house, processes[1], receipt=receipt_of(first)),
        ask(house, processes[0], receipt=receipt_of(first)),
        return_exceptions=True,
    )
    shown = [each for each in answers if isinstance(each, Shown)]
    assert all(isinstance(each, Shown | Refusal) for each in answers)
    assert len({each.assigned.assignment_id for each in shown}) == 1
