"""One person through every door, whatever a stranger did first; and doors that are closed."""

import httpx
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

ORGANIZER = "organizer@example.org"


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


async def only_by_password(house: House) -> str:
    """A campaign of the organizer's and of Palo Alto's, open to passwords alone."""
    organizer = await house.browser()
    await organizer.log_in(ORGANIZER)
    made = await organizer.post(
        "/identity/campaigns", {"name": "Only passwords", "doors": ["action_id", "invitation"]}
    )
    campaign_id = str(made.json()["campaign_id"])
    palo_alto = await organizer.get("/identity/organizations/dvc-palo-alto")
    admission = {"organization_id": palo_alto.json()["organization_id"]}
    path = f"/identity/campaigns/{campaign_id}/organizations"
    assert (await organizer.post(path, admission)).is_success
    return campaign_id


def campaigns_in(answer: httpx.Response) -> set[str]:
    grants = answer.json()["caller"]["grants"]
    return {grant["campaign_id"] for grant in grants if grant["campaign_id"]}


async def test_a_campaign_for_passwords_is_not_in_a_session_opened_by_mail(house: House) -> None:
    closed = await only_by_password(house)
    by_mail = await house.browser()
    await ask_code(by_mail, ORGANIZER)
    answer = await log_in(by_mail, ORGANIZER, code=await code_for(house, ORGANIZER))
    assert answer.status_code == 201
    (still_open,) = campaigns_in(answer)
    assert still_open != closed
    assert campaigns_in(await by_mail.get("/identity/sessions/current")) == {still_open}
    principal = await house.principal(by_mail)
    assert principal.may("grant_roles", still_open)
    assert not principal.may("grant_roles", closed)
    # The grant's is shut at once; the organization's as soon as the lists have heard of it.
    await fold_views(house)
    known = await known_copy(house, by_mail)
    assert (await log_in(known, ORGANIZER)).status_code == 201
    assert (await house.principal(known)).shut_campaigns == (closed,)
    role = {"role": "lead", "email": ORGANIZER, "campaign_id": closed}
    assert (await known.post("/identity/roles", role)).status_code == 403
    recalled = await known_copy(house, by_mail)
    assert (await recalled.get("/log-in?next=/calls/dvc-palo-alto")).status_code == 303
    assert not (await house.principal(recalled)).may("grant_roles", closed)


async def test_a_caller_by_mail_is_kept_out_of_the_organizations_closed_campaign(
    house: House,
) -> None:
    closed = await only_by_password(house)
    await fold_views(house)
    bea = await registered(house)
    assert (await log_in(bea, code=await code_for(house))).status_code == 201
    assert (await house.principal(bea)).shut_campaigns == (closed,)
    linked = await house.browser()
    await register(linked, "new@example.org", organization="dvc-palo-alto")
    token, _ = await house.link("new@example.org")
    assert (await linked.post("/identity/confirmations", {"token": token})).is_success
    assert (await house.principal(linked)).shut_campaigns == (closed,)


async def test_a_password_opens_every_campaign(house: House) -> None:
    closed = await only_by_password(house)
    await fold_views(house)
    by_password = await house.browser()
    assert closed in campaigns_in(await by_password.log_in(ORGANIZER))
    principal = await house.principal(by_password)
    assert principal.shut_campaigns == ()
    assert principal.may("grant_roles", closed)
    ann = await house.caller("ann@example.org", organization="dvc-palo-alto")
    assert (await house.principal(ann)).shut_campaigns == ()
