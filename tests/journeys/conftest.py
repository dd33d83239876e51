"""Browsers of their own for the people in the scenes, and an organizer's campaign at work."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from bench.callers import PASSWORD, log_in, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.at_work import Room, Volunteer
from tests.journeys.small_bank import campaign_of, client_of, organizer_of
from tests.support.backing import eventually
from tests.support.browser import DESKTOP, PHONE
from tests.support.whole_house import practice_bank


@pytest_asyncio.fixture(loop_scope="session")
async def volunteer(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A volunteer's phone."""
    context = await chromium.new_context(viewport=PHONE, locale="en-US")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """Another browser that knows nothing of the first."""
    context = await chromium.new_context(viewport=DESKTOP, locale="en-US")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """An organizer's browser."""
    context = await chromium.new_context(viewport=DESKTOP, locale="en-US")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def room(house: Elsewhere) -> AsyncIterator[Room]:
    """The organizer's campaign, and a volunteer of this test's own who calls in it."""
    organizer = await organizer_of(house)
    campaign_id, bank_id = await campaign_of(house, organizer), await practice_bank(house)
    (caller,) = await sign_up(house.url, house.mail_url, 1)
    volunteer = Volunteer(client_of(house, caller.token).http, bank_id, caller.email)
    yield Room(house, campaign_id, bank_id, volunteer, house.accounts["Organizer"])
    await volunteer.http.aclose()
    await organizer.http.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def bare(house: Elsewhere, room: Room) -> Room:
    """A campaign in which nothing has happened, run by somebody new; the volunteer is not in it."""
    founder = await organizer_of(house)
    (admin,) = await sign_up(house.url, house.mail_url, 1)
    name = {"name": f"Bare {secrets.token_hex(3)}"}
    campaign_id = (await founder.send("POST", "/identity/campaigns", json=name))["campaign_id"]
    role = {"role": "campaign_admin", "email": admin.email, "campaign_id": campaign_id}
    await founder.send("POST", "/identity/roles", json=role)
    await founder.http.aclose()
    runs_it = client_of(house, await log_in(house.url, admin.email, PASSWORD))

    async def is_known() -> bool:
        # To each of the services that have pages of it.
        for place in (
            f"/gotv/campaigns/{campaign_id}/dashboard",
            f"/campaigns/{campaign_id}/calls",
        ):
            answer = await runs_it.http.get(place)
            assert answer.is_success, answer.text
        return True

    await eventually(is_known, deadline_seconds=30, saying="the new campaign is known")
    await runs_it.http.aclose()
    return replace(room, campaign_id=campaign_id, organizer=(admin.email, PASSWORD))
