"""A promise comes back with its words, to who made it, and a language to who speaks it."""

from dataclasses import replace
from typing import Any

import pytest

from libs.events.results import Disposition, PromiseMade
from services.queue.domain.errors import AllInProgress, Finished, NobodyToCall, OtherLanguages
from services.queue.showing import Shown
from tests.queue.asking import ask, ask_until_served
from tests.queue.house import CAMPAIGN, House, caller
from tests.queue.lines import at

pytestmark = pytest.mark.real

GIVEN = {"number-1": "814 555 0199", "question-1": "What of the schools?"}


async def promised(house: House, shown: Shown, **changes: Any) -> None:
    """Casper promises a call at 18:00; number and question lie in the vault."""
    assigned = shown.assigned
    made: dict[str, Any] = {
        "campaign_id": CAMPAIGN,
        "voter_id": assigned.voter_id,
        "line_id": assigned.line_id,
        "call_id": f"call of {assigned.assignment_id}",
        "bank_id": assigned.bank_id,
        "caller_id": assigned.caller_id,
        "call_at": at(6, 18),
        "number_deposit_id": "number-1",
        "question_deposit_id": "question-1",
    }
    await house.tell(f"call-{assigned.assignment_id}", PromiseMade(**(made | changes)))


async def kept(house: House, **changes: Any) -> Shown:
    """The promise of this morning, kept at six."""
    house.people.texts = dict(GIVEN)
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await promised(house, first, **changes)
    await house.call_ended(first.assigned, Disposition.CALL_BACK, call_back_at=at(6, 18))
    house.clock.at = at(6, 18)
    return await ask_until_served(house, house.handout())


async def test_who_promised_has_the_number_and_the_question(house: House) -> None:
    shown = await kept(house)
    words = shown.promises["ann"]
    assert (words.number, words.question) == ("814 555 0199", "What of the schools?")
    assert (words.promise.at, words.promise.caller_id) == (at(6, 18), "casper")
    assert house.people.read == [("casper", ("number-1", "question-1"))]
    # After a reload, and in another process, they are there again.
    again = await ask(house, house.handout())
    assert not again.created
    assert again.promises == shown.promises


async def test_a_promise_without_words_asks_the_vault_for_none(house: House) -> None:
    shown = await kept(house, number_deposit_id=None, question_deposit_id=None)
    words = shown.promises["ann"]
    assert (words.number, words.question, words.is_whole) == (None, None, True)
    assert house.people.read == []


async def test_a_vault_without_its_texts_does_not_break_the_promise(house: House) -> None:
    house.people.is_away = True
    words = (await kept(house)).promises["ann"]
    assert (words.number, words.question, words.is_whole) == (None, None, False)


async def test_an_ordinary_voter_comes_without_a_promise(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    assert (await ask(house, handout)).promises == {}
    assert (await ask(house, handout)).promises == {}
    assert house.people.read == []


async def test_who_speaks_the_language_is_asked_for_whom_others_cannot_call(house: House) -> None:
    await house.import_voters({"one": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    first = await ask(house, handout)
    await house.call_ended(first.assigned, Disposition.LANGUAGE_BARRIER, language="spanish")
    house.clock.at = at(7, 13)
    with pytest.raises(OtherLanguages) as caught:
        await ask(house, handout, "dora")
    assert caught.value.extra["languages"] == ["spanish"]
    speaker = replace(caller("emil"), languages=("portuguese", "spanish"))
    shown = await handout.next("bank", speaker, house.request(), None)
    assert shown.assigned.voter_id == "ann"
    await house.call_ended(shown.assigned, Disposition.CANVASSED, language="spanish")
    house.clock.forward(seconds=10)
    for who in (speaker, caller("dora")):
        with pytest.raises((Finished, NobodyToCall, AllInProgress)):
            await handout.next("bank", who, house.request(), None)
