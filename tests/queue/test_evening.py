"""A caller's evening: what it came to, another number over HTTP, a hand that a lead sees."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from libs.events.queue import HandLowered, HandRaised
from libs.events.results import Disposition
from services.queue.domain.errors import AnotherIsOnIt, HandTakenBack
from services.queue.domain.hand import HAND, LowerHand, RaiseHand
from tests.queue.asking import ask, receipt_of
from tests.queue.house import CAMPAIGN, House, caller, organizer
from tests.queue.lines import MINUTE, MORNING
from tests.queue.web import Web, is_problem
from tests.support.spec import spec

real = pytest.mark.real
hand = spec(HAND)
RAISE = RaiseHand(CAMPAIGN, "bank", "casper", "dvc", "assignment", MORNING)
RAISED = HandRaised(
    campaign_id=CAMPAIGN,
    bank_id="bank",
    caller_id="casper",
    organization_id="dvc",
    raised_at=MORNING,
    assignment_id="assignment",
)


def lowered(by: Any, who: str) -> HandLowered:
    return HandLowered(
        campaign_id=CAMPAIGN,
        bank_id="bank",
        caller_id="casper",
        by=by,
        lowered_by=who,
        lowered_at=MORNING + MINUTE,
    )


def test_a_hand_is_raised_once() -> None:
    hand.given().when(RAISE).then(RAISED)
    hand.given(RAISED).when(RAISE).then()


def test_a_hand_goes_down_by_its_caller_or_by_a_lead() -> None:
    down = MORNING + MINUTE
    hand.given(RAISED).when(LowerHand("casper", down)).then(lowered("caller", "casper"))
    hand.given(RAISED).when(LowerHand("lena", down)).then(lowered("lead", "lena"))
    hand.given().when(LowerHand("casper", down)).then()
    hand.given(RAISED, lowered("lead", "lena")).when(RAISE).then(RAISED)


def test_a_lead_who_comes_late_is_told_who_was_faster() -> None:
    late = LowerHand("otto", MORNING + 2 * MINUTE)
    by_lena, by_casper = lowered("lead", "lena"), lowered("caller", "casper")
    hand.given(RAISED, by_lena).when(late).then_refused(AnotherIsOnIt)
    hand.given(RAISED, by_casper).when(late).then_refused(HandTakenBack)
    hand.given(RAISED, by_lena, RAISED).when(late).then(
        HandLowered(**by_lena.model_dump() | {"lowered_by": "otto", "lowered_at": late.at})
    )
    # The same lead once more, and the caller whom a lead came for: nothing to be told.
    hand.given(RAISED, by_lena).when(LowerHand("lena", late.at)).then()
    hand.given(RAISED, by_lena).when(LowerHand("casper", late.at)).then()


@real
async def test_of_two_leads_who_are_on_it_the_second_hears_of_the_first(open_web: Web) -> None:
    path = "/queue/phone-banks/bank/hands"
    await open_web.send(caller(), "POST", path, {})
    lena, otto = organizer(), replace(organizer(), caller_id="otto", session_id="session of otto")
    first, second = await asyncio.gather(
        open_web.send(lena, "DELETE", f"{path}/casper", idempotency_key="lena"),
        open_web.send(otto, "DELETE", f"{path}/casper", idempotency_key="otto"),
    )
    assert sorted([first.status_code, second.status_code]) == [204, 409]
    is_problem(second if first.status_code == 204 else first, 409, "another-is-on-it")
    # Whoever was first may ask again under the same key: the answer is the same.
    for who, key, was in ((lena, "lena", first), (otto, "otto", second)):
        again = await open_web.send(who, "DELETE", f"{path}/casper", idempotency_key=key)
        assert again.status_code == was.status_code
    await open_web.send(caller(), "POST", path, {})
    await open_web.send(caller(), "DELETE", f"{path}/current")
    late = await open_web.send(lena, "DELETE", f"{path}/casper", idempotency_key="late")
    is_problem(late, 409, "hand-taken-back")


@real
async def test_the_evening_counts_conversations_and_supporters_as_they_stand(
    open_web: Web,
) -> None:
    house: House = open_web.house
    handout = house.handout()
    first = await ask(house, handout)
    speaking: dict[str, Any] = {"spoke_with": "voter", "support": 1}
    await house.call_ended(first.assigned, Disposition.CANVASSED, **speaking)
    house.clock.forward(minutes=1)
    second = await ask(house, handout, receipt=receipt_of(first))
    await house.call_ended(second.assigned)
    path = "/queue/callers/current/evening"
    answer = (await open_web.send(caller(), "GET", path)).json()
    voters = len(first.assigned.voter_ids)
    assert answer == {"calls": 2, "conversations": voters, "supporters": voters, "goal": 10}
    # A slip put right: the same call, said again a minute later. Whoever was spoken to was not on
    # a wrong number: such a result is no conversation, whatever else it says.
    was = MORNING
    house.clock.forward(minutes=1)
    await house.call_ended(
        first.assigned, Disposition.WRONG_NUMBER, called_at=was, spoke_with="voter"
    )
    answer = (await open_web.send(caller(), "GET", path)).json()
    assert answer == {"calls": 2, "conversations": 0, "supporters": 0, "goal": 10}
    other = (await open_web.send(caller("dora"), "GET", path)).json()
    assert other["calls"] == 0
    is_problem(await open_web.send(None, "GET", path), 401, "unauthenticated")


@real
async def test_a_raised_hand_reaches_the_leads_and_nobody_else(open_web: Web) -> None:
    path = "/queue/phone-banks/bank/hands"
    up = await open_web.send(caller(), "POST", path, {"assignment_id": None})
    assert (up.status_code, up.json()["is_up"]) == (201, True)
    assert (await open_web.send(caller(), "POST", path, {})).json() == up.json()
    await open_web.house.catch_up()
    seen = (await open_web.send(organizer(), "GET", path)).json()["hands"]
    assert [(each["caller_id"], each["organization_id"]) for each in seen] == [("casper", "dvc")]
    for stranger in (caller(), caller("dora"), organizer("another")):
        is_problem(await open_web.send(stranger, "GET", path), 403, "not-allowed")
        is_problem(await open_web.send(stranger, "DELETE", f"{path}/casper"), 403, "not-allowed")
    is_problem(
        await open_web.send(caller("x", "other"), "POST", path, {}), 403, "not-your-phone-bank"
    )
    is_problem(await open_web.send(None, "POST", path, {}), 401, "unauthenticated")
    missing = await open_web.send(caller(), "POST", "/queue/phone-banks/none/hands", {})
    is_problem(missing, 404, "no-such-phone-bank")
    # The lead comes: the caller's page sees the hand go down, and the list is empty.
    assert (await open_web.send(organizer(), "DELETE", f"{path}/casper")).status_code == 204
    mine = (await open_web.send(caller(), "GET", f"{path}/current")).json()
    assert mine == {"is_up": False, "raised_at": None}
    await open_web.house.catch_up()
    assert (await open_web.send(organizer(), "GET", path)).json() == {"hands": []}
    # And again, lowered by the caller.
    await open_web.send(caller(), "POST", path, {})
    assert (await open_web.send(caller(), "DELETE", f"{path}/current")).status_code == 204
    assert not (await open_web.send(caller(), "GET", f"{path}/current")).json()["is_up"]


@real
async def test_another_number_over_http(web: Web) -> None:
    await web.house.import_voters({"one": ["ann"], "two": ["ann"]})
    await web.house.open_bank()
    first = (await web.next()).json()
    assert first["voters"][0]["other_numbers"] == 1
    assert first["voters"][0]["promise"] is None
    path = f"/queue/assignments/{first['assignment_id']}/other-number"
    early = await web.send(caller(), "POST", path, {"voter_id": "ann"})
    assert is_problem(early, 409, "result-on-its-way")["retry_after_seconds"] == 1
    shown = await ask(web.house, web.house.handout())
    await web.house.call_ended(shown.assigned, Disposition.WRONG_NUMBER)
    other = await web.send(caller("dora"), "POST", path, {"voter_id": "ann"})
    is_problem(other, 403, "not-your-assignment")
    second = await web.send(caller(), "POST", path, {"voter_id": "ann"})
    assert second.status_code == 201
    assert second.json()["line"]["line_id"] != first["line"]["line_id"]
    assert second.json()["voters"][0]["voter_id"] == "ann"
    again = await web.send(caller(), "POST", path, {"voter_id": "ann"})
    assert again.status_code == 200
    assert again.json()["assignment_id"] == second.json()["assignment_id"]
    unknown = await web.send(caller(), "POST", "/queue/assignments/x/other-number", {})
    is_problem(unknown, 422, "body-invalid")
