"""One person through every door, whatever a stranger did first; and doors that are closed."""

import pytest

from libs.events.identity import CallerConfirmed
from tests.identity.by_mail import (
    BEA,
    ask_code,
    code_for,
    known_copy,
    log_in,
    register,
    registered,
)
from tests.identity.house import PASSWORD, House
from tests.identity.test_founding import facts, fold_views


@pytest.fixture
async def house(house: House) -> House:
    """With an organization, known to the lists."""
    await house.organizer()
    await fold_views(house)
    return house


async def test_one_person_through_both_doors(house: House) -> None:
    await house.caller(BEA)
    browser = await house.browser()
    await register(browser, first_name="Beatrice")
    await ask_code(browser)
    mailed = await log_in(browser, code=await code_for(house))
    by_password = await (await house.browser()).log_in(BEA)
    assert mailed.json()["caller"]["caller_id"] == by_password.json()["caller"]["caller_id"]
    assert mailed.json()["caller"]["first_name"] == "Ann"  # As she signed up.


async def test_a_password_set_before_the_mailbox_was_proven_is_none(house: House) -> None:
    """A stranger signs up with Bea's address and waits for her to prove it with a code."""
    stranger = await house.browser()
    await stranger.sign_up(BEA)
    bea = await house.browser()
    await register(bea)
    await ask_code(bea)
    assert (await log_in(bea, code=await code_for(house))).status_code == 201
    assert len(facts(house, CallerConfirmed)) == 2  # The organizer, and Bea.
    refused = await stranger.log_in(BEA)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/wrong-password")


async def test_no_password_logs_in_where_there_is_none(house: House) -> None:
    bea = await registered(house)
    await log_in(bea, code=await code_for(house))
    for guess in ("", " ", PASSWORD):
        assert (await (await house.browser()).log_in(BEA, guess)).status_code == 401


async def test_a_registration_link_confirms_too(house: House) -> None:
    bea = await house.browser()
    await register(bea, next="/call/b1?organization=dvc-palo-alto")
    token, next_path = await house.link(BEA)
    answer = await bea.post("/identity/confirmations", {"token": token})
    assert answer.json()["next"] == next_path == "/call/b1?organization=dvc-palo-alto"
    assert (await bea.get("/identity/sessions/current")).status_code == 200


async def test_an_erased_caller_gets_no_session_and_no_code(house: House) -> None:
    bea = await registered(house)
    code = await code_for(house)
    await log_in(bea, code=code)
    await bea.post("/identity/callers/current/codes", {})
    assert (await bea.post("/identity/callers/current/erasure", {"code": "000000"})).is_error
    assert (await bea.post("/identity/callers/current/erasure", {})).status_code == 401
    device = bea.client.cookies["__Host-device"]
    answer = await bea.post("/identity/callers/current/erasure", {"code": await code_for(house)})
    assert answer.status_code == 204
    bea.client.cookies.set("__Host-device", device)
    assert (await log_in(bea)).status_code == 401
    assert (await bea.get("/log-in")).status_code == 200
    await ask_code(bea)
    sent = len(house.sent)
    assert len(await house.mail(BEA)) == len([m for m in house.sent[:sent] if m["To"] == BEA])
    for name in ("people", "devices", "session_codes"):
        rows = await house.database[name].count_documents({})
        assert rows == (1 if name == "people" else 0)  # The organizer's.


async def test_a_closed_door_says_which_are_open(house: House) -> None:
    organizer = await house.browser()
    await organizer.log_in("organizer@example.org")
    made = await organizer.post(
        "/identity/organizations", {"name": "Ravens", "help_contact": "h@x.example"}
    )
    campaign = await organizer.post(
        "/identity/campaigns", {"name": "Only passwords", "doors": ["action_id"]}
    )
    await organizer.post(
        f"/identity/campaigns/{campaign.json()['campaign_id']}/organizations",
        {"organization_id": made.json()["organization_id"]},
    )
    await fold_views(house)
    visitor = await house.browser()
    for answer in (
        await ask_code(visitor, organization="ravens"),
        await log_in(visitor, organization="ravens", code="000000"),
        await register(visitor, organization="ravens"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/door-closed")
        assert answer.json()["doors"] == ["action_id"]
    assert (await visitor.sign_up("new@example.org", organization="ravens")).status_code == 201
    await ask_code(visitor, "organizer@example.org")
    code = await code_for(house, "organizer@example.org")
    assert (await log_in(visitor, "organizer@example.org", code=code)).status_code == 201
    known = await known_copy(house, visitor)
    assert (await known.get("/log-in?next=/calls/dvc-palo-alto")).status_code == 303
    visitor = await known_copy(house, visitor)
    page = (await visitor.get("/log-in?next=/calls/ravens")).text
    assert "/register" not in page
    assert "/sign-up" in page
    public = await visitor.get("/identity/organizations/ravens")
    assert public.json()["doors"] == ["action_id"]
