"""Why there is nobody to call, in words, and where else to go: each reason the queue gives."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from bench.callers import sign_up
from deploy.embedded.elsewhere import Elsewhere
from libs.chassis.problems import TooMany, refusal_problem
from libs.decider import Refusal
from libs.hours import DEFAULT_HOURS
from services.queue.domain.errors import (
    AllInProgress,
    BeingPrepared,
    Closed,
    Finished,
    NobodyToCall,
    NotOpenYet,
    OtherLanguages,
    OutsideHours,
    Paused,
)
from tests.journeys.scenes import call_page
from tests.journeys.test_pages import look
from tests.support.whole_house import practice_bank

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

LOOKS_AGAIN = "This page looks again by itself."
PACE = "You have been shown as many voters as a caller may be in an hour."
# One is over, and a caller need not know of it.
ELECTION_DAYS = [
    {"date": "2020-11-03", "window": {"opens": "09:00:00", "closes": "12:00:00"}},
    {"date": "2096-11-06", "window": {"opens": "09:00:00", "closes": "18:00:00"}},
]
# The refusal, the page's title, and whether it passes without the caller doing anything.
STOPS = [
    pytest.param(Finished(), "Every voter on this list has been called", False, id="finished"),
    pytest.param(Closed(), "This phone bank has ended", False, id="closed"),
    pytest.param(
        NotOpenYet(hours=DEFAULT_HOURS.model_dump(mode="json") | {"dates": ELECTION_DAYS}),
        "This phone bank is not open yet",
        True,
        id="not-open-yet",
    ),
    pytest.param(NobodyToCall(), "There is nobody to call right now", True, id="nobody-to-call"),
    pytest.param(
        BeingPrepared(retry_after_seconds=4),
        "These voters are being made ready",
        True,
        id="being-prepared",
    ),
    pytest.param(Paused(), "This phone bank is paused", True, id="paused"),
    pytest.param(
        OutsideHours(next_opening="2026-12-01T15:00:00Z", zones=["America/New_York"]),
        "It is too early or too late to call these voters",
        False,
        id="outside-hours",
    ),
    pytest.param(
        AllInProgress(),
        "Every voter left is being called right now",
        True,
        id="all-in-progress",
    ),
    pytest.param(
        OtherLanguages(languages=["spanish", "polish"]),
        "Everybody left speaks another language",
        True,
        id="other-languages",
    ),
    pytest.param(
        TooMany(PACE, retry_after_seconds=1200),
        "You have seen many voters in a short time",
        True,
        id="too-many",
    ),
]


def listed(bank_id: str, candidate: str, **about: Any) -> dict[str, Any]:
    """A phone bank as the Calls Page's list has it, as far as the stop screen looks."""
    usual = {"state": "PA", "callable_now": 7, "practice": False}
    return usual | {"bank_id": bank_id, "candidate": candidate} | about


async def refuse(page: Page, refusal: Refusal, bank_id: str) -> None:
    """The queue says this whenever it is asked for a voter; four other banks are on the list."""
    answer = refusal_problem(refusal)

    async def say_no(route: Route) -> None:
        headers = dict(answer.headers)
        body = bytes(answer.body)
        await route.fulfill(status=answer.status_code, headers=headers, body=body)

    async def name_others(route: Route) -> None:
        others = [
            listed(bank_id, "This very one"),
            listed("elsewhere", "Otto Elsewhere"),
            listed("practice", "Paul Practice", practice=True),
            listed("asleep", "Ava Asleep", callable_now=0),
        ]
        await route.fulfill(json={"phone_banks": others})

    await page.route("**/queue/phone-banks/*/assignments", say_no)
    await page.route("**/queue/phone-banks?organization=*", name_others)


@pytest.mark.parametrize(("refusal", "title", "passes"), STOPS)
async def test_the_page_says_why_there_is_nobody_and_where_to_go(
    house: Elsewhere, volunteer: BrowserContext, refusal: Refusal, title: str, *, passes: bool
) -> None:
    bank_id = await practice_bank(house)
    (caller,) = await sign_up(house.url, house.mail_url, 1)
    # Logged in and on the page first: from then on the queue says no.
    page = await call_page(volunteer, house, bank_id, caller.email)
    await refuse(page, refusal, bank_id)
    await page.reload()
    stop = page.locator("[data-screen=stop]")
    heading = stop.get_by_role("heading", level=1)
    await expect(heading).to_have_text(title)
    await expect(heading).to_be_focused()
    sentence = refusal.detail or " ".join((type(refusal).__doc__ or "").split())
    await expect(stop.locator(".lead")).to_have_text(sentence)
    await expect(stop.get_by_text(LOOKS_AGAIN)).to_have_count(1 if passes else 0)

    # Somebody else's voters: only those who can be called now, and for real.
    others = stop.locator(".others")
    await expect(others.get_by_role("link")).to_have_count(1)
    link = others.get_by_role("link", name="Otto Elsewhere")
    await expect(link).to_have_attribute("href", "/call/elsewhere")
    await expect(stop.get_by_role("link", name="Calls Page")).to_have_attribute(
        "href", "/calls/dvc-palo-alto"
    )
    share = stop.get_by_role("button", name="Share")
    await expect(share).to_have_attribute("data-share", f"/call/{bank_id}")
    if isinstance(refusal, NotOpenYet):
        hours = stop.locator(".openings")
        await expect(hours.get_by_role("term")).to_have_text(
            ["Monday to Saturday", "Sunday", "Nov 6, 2096"]
        )
        said = ["09:00\u201321:00", "12:00\u201321:00", "09:00\u201318:00"]
        await expect(hours.get_by_role("definition")).to_have_text(said)
    if isinstance(refusal, OtherLanguages):
        await expect(stop.get_by_text("They speak: Spanish, Polish.")).to_be_visible()
        languages = stop.get_by_role("link", name="Say which languages you speak")
        await expect(languages).to_have_attribute("href", "/you")
    if isinstance(refusal, OutsideHours):
        await expect(stop.get_by_text("Calling opens again")).to_be_visible()
        await expect(stop.locator(".openings dd").last).to_contain_text("10:00")
    await look(page, f"stop-{type(refusal).__name__}")

    # Once it has passed, one button leads to a voter.
    await page.unroute("**/queue/phone-banks/*/assignments")
    await stop.get_by_role("button", name="Try again").click()
    await expect(page.locator("[data-screen=call]")).to_be_visible()
