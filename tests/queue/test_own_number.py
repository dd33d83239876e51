"""What the token says of a caller's own number and languages decides who is handed out."""

from dataclasses import replace

import pytest

from libs.decider import Refusal
from libs.events.results import Disposition
from tests.queue.house import House, caller

pytestmark = pytest.mark.real


async def test_a_callers_own_line_goes_to_another(house: House) -> None:
    await house.import_voters({"home": ["ann", "bob"]})
    await house.open_bank()
    handout = house.handout()
    at_home = replace(caller("bob at home"), own_lines=("elsewhere", "home"))
    with pytest.raises(Refusal):
        await handout.next("bank", at_home, house.request(), None)
    shown = await handout.next("bank", caller("casper"), house.request(), None)
    assert shown.assigned.line_id == "home"


async def test_a_language_barrier_waits_for_a_caller_who_speaks_it(house: House) -> None:
    await house.import_voters({"l1": ["rosa"]})
    await house.open_bank()
    handout = house.handout()
    first = await handout.next("bank", caller("casper"), house.request(), None)
    await house.call_ended(first.assigned, Disposition.LANGUAGE_BARRIER, language="español")
    house.clock.forward(days=1, hours=5)
    another = house.handout()
    with pytest.raises(Refusal):
        await another.next("bank", caller("english only"), house.request(), None)
    speaks = replace(caller("carmen"), languages=("en", "english", "es", "español"))
    shown = await another.next("bank", speaks, house.request(), None)
    assert shown.assigned.voter_ids == ("rosa",)
