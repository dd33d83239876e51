"""A caller's slot: freed by a receipt, one assignment in it, the same answer for a repeat."""

from datetime import timedelta

import pytest

from libs.events.results import Disposition
from libs.eventstore.store import IdempotencyKeyReused
from services.queue.domain.errors import (
    AssignmentClosed,
)
from tests.queue.asking import CountingLog, ask, receipt_of
from tests.queue.house import House
from tests.queue.lines import at

pytestmark = pytest.mark.real


async def test_a_receipt_frees_the_slot_at_once_and_nothing_is_read_for_it(house: House) -> None:
    house.log = log = CountingLog("queue.events")
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(30)})
    await house.open_bank()
    handout = house.handout()
    shown = await ask(house, handout)
    block = handout._blocks["bank"]
    block._waiting = 30
    await block.filled()
    reads, questions = log.reads, len(house.people.questions)
    for slot in range(2, 12):
        shown = await ask(house, handout, receipt=receipt_of(shown))
        assert shown.created
        assert shown.assigned.slot == slot
    assert log.reads == reads
    assert len(house.people.questions) == questions


async def test_without_a_receipt_the_open_voter_comes_back(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    for process in (handout, house.handout()):
        again = await ask(house, process)
        assert not again.created
        assert again.assigned == first.assigned
        assert again.cards == first.cards
    partly = await ask(house, handout, receipt=receipt_of(first, complete=False))
    assert partly.assigned == first.assigned


async def test_an_old_receipt_frees_nothing(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(5)})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    second = await ask(house, handout, receipt=receipt_of(first))
    for process in (handout, house.handout()):
        again = await ask(house, process, receipt=receipt_of(first))
        assert again.assigned == second.assigned


async def test_somebody_elses_receipt_frees_nothing(house: House) -> None:
    await house.import_voters({f"l{n}": [f"v{n}"] for n in range(5)})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await ask(house, handout, "dora")
    again = await ask(house, handout, "dora", receipt=receipt_of(first))
    assert not again.created


async def test_the_same_request_again_is_the_same_assignment(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    handout = house.handout()
    request = house.request("key", "body")
    first = await ask(house, handout, request=request)
    for process in (handout, house.handout()):
        again = await ask(house, process, request=request)
        assert again.created
        assert again.assigned == first.assigned
    with pytest.raises(IdempotencyKeyReused):
        await ask(house, house.handout(), request=house.request("key", "another body"))


async def test_the_same_request_after_the_end_is_told_so(house: House) -> None:
    """Repeating a request must not show a voter who may have asked to be left alone."""
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    request = house.request("key")
    first = await ask(house, handout, request=request)
    await house.call_ended(first.assigned, Disposition.DO_NOT_CALL)
    for process in (handout, house.handout()):
        with pytest.raises(AssignmentClosed):
            await ask(house, process, request=request)


async def test_a_restored_voter_has_a_lease_to_work_with(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    first = await ask(house, house.handout())
    house.clock.forward(minutes=10, seconds=10)
    again = await ask(house, house.handout())
    assert again.assigned == first.assigned
    assert again.lease_expires_at == house.clock() + timedelta(minutes=10)


async def test_a_number_is_not_shown_again_after_the_hours(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    house.clock.at = at(6, 20, 54)
    handout = house.handout()
    assert (await ask(house, handout)).numbers_shown
    house.clock.at = at(6, 21)
    assert not (await ask(house, handout)).numbers_shown


async def test_an_assignment_of_somebody_erased_is_withdrawn(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    del house.people.cards_by_voter[first.assigned.voter_id]
    second = await ask(house, handout)
    assert second.assigned.voter_id != first.assigned.voter_id
    assert second.created
