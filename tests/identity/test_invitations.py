"""Share links: the same each time, leading to one place, crediting whoever made them."""

import re
from typing import Any

import httpx
import pytest

from libs.events.identity import CallerRegistered, InvitationAccepted, InvitationMade
from libs.eventstore.store import Meta, Request
from services.identity.domain.errors import NoSuchInvitation
from services.identity.domain.invitation import INVITATION, AcceptInvitation, MakeInvitation
from tests.identity.house import Browser, House, text_of
from tests.identity.test_founding import facts, fold_views
from tests.support.spec import spec

ANN = "ann@example.org"
FRIEND = "friend@example.org"
made = InvitationMade(invitation_id="i1", caller_id="ann", organization_id="o1", bank_id="b1")
accepted = InvitationAccepted(
    invitation_id="i1", caller_id="fay", invited_by="ann", organization_id="o1", bank_id="b1"
)
invitation = spec(INVITATION)


def test_an_invitation_is_made_once() -> None:
    make = MakeInvitation("i1", "ann", "o1", "b1")
    invitation.when(make).then(made)
    invitation.given(made).when(make).then()


def test_it_is_accepted_once_by_each_and_not_by_who_made_it() -> None:
    accept = AcceptInvitation("i1", "fay")
    invitation.when(accept).then_refused(NoSuchInvitation)
    invitation.given(made).when(accept).then(accepted)
    invitation.given(made, accepted).when(accept).then()
    invitation.given(made).when(AcceptInvitation("i1", "ann")).then()


@pytest.fixture
async def ann(house: House) -> Browser:
    """A caller of Palo Alto."""
    await house.organizer()
    await fold_views(house)
    return await house.caller(ANN, organization="dvc-palo-alto")


async def invite(browser: Browser, **body: Any) -> httpx.Response:
    return await browser.post("/identity/invitations", body)


async def next_of(house: House, ann: Browser, **body: Any) -> str:
    """Where the page of a new invitation leads a visitor."""
    url = (await invite(ann, **body)).json()["url"]
    page = await (await house.browser()).get(url.removeprefix(house.settings.public_url))
    assert page.status_code == 200
    found = re.search(r'href="/sign-up\?next=([^"]+)"', page.text)
    assert found
    return str(httpx.URL(f"http://x/?next={found.group(1)}").params["next"])


async def test_the_link_is_the_same_each_time_and_names_nobody(house: House, ann: Browser) -> None:
    first, again = await invite(ann, bank_id="b1"), await invite(ann, bank_id="b1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert len(facts(house, InvitationMade)) == 1
    other = await invite(ann)
    assert other.json()["invitation_id"] != first.json()["invitation_id"]
    bea = await house.caller("bea@example.org", organization="dvc-palo-alto")
    assert (await invite(bea, bank_id="b1")).json()["url"] != first.json()["url"]
    page = await (await house.browser()).get(first.json()["url"].partition(".example")[2])
    assert "DVC" in page.text
    assert "help@dvc.example" in page.text
    assert "Ann" not in page.text


async def test_a_friend_lands_on_the_same_bank_and_is_credited(house: House, ann: Browser) -> None:
    next_path = await next_of(house, ann, bank_id="b1")
    assert next_path.startswith("/call/b1?organization=dvc-palo-alto&invitation=")
    await house.caller(FRIEND, next=next_path)
    (fact,) = facts(house, InvitationAccepted)
    caller_id = (await house.principal(ann)).caller_id
    assert (fact.invited_by, fact.bank_id) == (caller_id, "b1")
    registered = facts(house, CallerRegistered)[-1]
    assert (registered.caller_id, registered.door) == (fact.caller_id, "invitation")
    _, mailed_next = await house.link(FRIEND)
    assert mailed_next == next_path
    friend = await house.browser()
    session = (await friend.log_in(FRIEND)).json()
    assert session["caller"]["organization_id"] == fact.organization_id


async def test_the_credit_comes_through_the_other_door_too(house: House, ann: Browser) -> None:
    next_path = await next_of(house, ann)
    assert next_path.startswith("/calls/dvc-palo-alto?organization=dvc-palo-alto&invitation=")
    friend = await house.browser()
    body = {"email": FRIEND, "first_name": "Fay", "next": next_path}
    assert (await friend.post("/identity/registrations", body)).status_code == 201
    assert facts(house, InvitationAccepted) == []  # Not before the address is theirs.
    asking = {"email": FRIEND, "organization": "dvc palo alto", "next": next_path}
    await friend.post("/identity/session-codes", asking)
    found = re.search(r"^\d{6}$", text_of((await house.mail(FRIEND))[-1]), re.MULTILINE)
    assert found
    logging_in = {"email": FRIEND, "organization": "dvc palo alto", "code": found.group()}
    assert (await friend.post("/identity/sessions", logging_in)).status_code == 201
    assert len(facts(house, InvitationAccepted)) == 1


async def test_nobody_is_credited_twice_with_a_caller(house: House, ann: Browser) -> None:
    bea = await house.caller("bea@example.org", organization="dvc-palo-alto")
    first, second = await next_of(house, ann), await next_of(house, bea)
    for path in (first, second):
        await (await house.browser()).sign_up(FRIEND, next=path)
    for mail in await house.mail(FRIEND):
        found = re.search(r"token=([\w-]+)", text_of(mail))
        assert found
        await ann.post("/identity/confirmations", {"token": found.group(1)})
    (fact,) = facts(house, InvitationAccepted)
    # Nor by whatever way an acceptance of another link may come.
    other = (await invite(bea)).json()["invitation_id"]
    assert other != fact.invitation_id
    request = Request("another way", Meta(at=house.clock(), actor="somebody"))
    await house.desk.records.invitations.accept(other, fact.caller_id, request)
    assert facts(house, InvitationAccepted) == [fact]


async def test_a_slip_in_the_link_stops_nobody(house: House, ann: Browser) -> None:
    for wrong in ("made-up", "x" * 90):
        page = await ann.get(f"/invitations/{wrong}")
        assert page.status_code == 404
        assert "not known" in page.text
    await house.caller(FRIEND, invitation="made-up", next="/calls/x?invitation=also-made-up")
    assert facts(house, InvitationAccepted) == []


async def test_who_is_logged_in_goes_straight_on(house: House, ann: Browser) -> None:
    path = (await invite(ann, bank_id="b1")).json()
    page = await ann.get(f"/invitations/{path['invitation_id']}")
    assert f'href="{path["next"].replace("&", "&amp;")}"' in page.text


async def test_only_callers_invite_and_only_to_what_there_is(house: House, ann: Browser) -> None:
    assert (await invite(await house.browser())).status_code == 401
    assert (await invite(ann, organization="nobody")).status_code == 404
    for bad in ("../you", "a b", "x" * 101, ""):
        assert (await invite(ann, bank_id=bad)).status_code == 422
    alone = await house.caller("alone@example.org")
    assert (await invite(alone)).status_code == 422
    assert (await invite(alone, organization="dvc palo alto")).status_code == 201
