"""Every page of the demo on a phone and on a desktop: axe finds nothing, nothing overflows."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from bench.callers import PASSWORD, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.small_bank import campaign_of, organizer_of
from tests.support.browser import (
    DESKTOP,
    PHONE,
    faults_found_by_axe,
    faults_of_contrast,
    in_the_dark,
    is_wider_than_its_window,
)
from tests.support.whole_house import practice_bank

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

WINDOWS = [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")]


async def look(page: Page, name: str) -> None:
    """Hold the page against axe and its window, and in the dark against axe's rule of contrast.

    Pictures are kept where SCREENSHOTS names a folder.
    """
    await _picture(page, name)
    assert await faults_found_by_axe(page) == [], name
    assert not await is_wider_than_its_window(page), name
    async with in_the_dark(page):
        await _picture(page, f"{name}-dark")
        assert await faults_of_contrast(page) == [], f"{name} in the dark"


async def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        width = (page.viewport_size or DESKTOP)["width"]
        await page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


async def log_in(page: Page, email: str, password: str) -> None:
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("window", WINDOWS)
async def test_pages_for_everybody(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window)
    page = await context.new_page()
    for name, path in (
        ("home", "/"),
        ("calls-page", "/calls/dvc-palo-alto"),
        ("sign-up", "/sign-up"),
        ("check-mail", "/check-mail"),
        ("log-in", "/log-in"),
        ("bad-link", "/confirm?token=nonsense"),
        ("nothing-here", "/nothing-here"),
        ("nothing-deep-down", "/nothing/here/at-all?x=%3Cb%3E"),
        ("no-page-of-a-campaign", "/campaigns/x/foo"),
        ("no-such-organization", "/calls/nobody"),
    ):
        await page.goto(f"{house.url}{path}")
        await expect(page.locator("h1:visible").first).to_be_visible()
        await look(page, name)
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_call_screen(house: Elsewhere, chromium: Browser, window: ViewportSize) -> None:
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    context = await chromium.new_context(viewport=window)
    page = await context.new_page()
    await page.goto(f"{house.url}/call/{await practice_bank(house)}")
    await log_in(page, caller.email, PASSWORD)
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await look(page, "call")
    # Saving without a result says what is missing, and does not lose the page.
    await page.get_by_role("button", name="Save and next").click()
    await expect(page.get_by_role("alert").filter(has_text="Please choose")).to_be_visible()
    await look(page, "call-missing")
    await page.get_by_role("button", name="Skip").click()
    await look(page, "call-skip")
    # By keyboard alone: the first result, and save.
    await page.keyboard.press("Escape")
    await page.locator("[data-who]").get_by_label("Nobody").check()
    for voter in await page.locator("fieldset.result").all():
        await voter.get_by_label("Not home").check()
    await page.get_by_role("button", name="Save and next").click()
    await expect(
        page.get_by_text("1 call today").or_(page.get_by_text("calls today"))
    ).to_be_visible()
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_pages_for_organizers(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    organizer = await organizer_of(house)
    campaign_id, bank_id = await campaign_of(house, organizer), await practice_bank(house)
    await organizer.http.aclose()
    context = await chromium.new_context(viewport=window)
    page = await context.new_page()
    await page.goto(f"{house.url}/log-in?next=/campaigns/{campaign_id}")
    await log_in(page, *house.accounts["Organizer"])
    await page.wait_for_url(f"{house.url}/campaigns/{campaign_id}")
    await look(page, "campaign")
    await page.goto(f"{house.url}/campaigns/{campaign_id}/phone-banks/{bank_id}")
    await expect(page.locator("[data-figure=calls]")).to_have_text(re.compile(r"\d"))
    await look(page, "dashboard")
    await page.goto(f"{house.url}/campaigns/{campaign_id}/supporters")
    await expect(page.locator("[data-loading]")).to_be_hidden()
    await look(page, "supporters")
    await context.close()


async def test_a_volunteer_may_not_see_an_organizers_pages(
    house: Elsewhere, chromium: Browser
) -> None:
    organizer = await organizer_of(house)
    campaign_id = await campaign_of(house, organizer)
    await organizer.http.aclose()
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    context = await chromium.new_context(viewport=PHONE)
    page = await context.new_page()
    path = f"/campaigns/{campaign_id}/supporters"
    await page.goto(f"{house.url}/log-in?next={path}")
    await log_in(page, caller.email, PASSWORD)
    await page.wait_for_url(f"{house.url}{path}")
    await expect(page.locator("[data-list-page]")).to_have_count(0)
    await look(page, "no-permission")
    await context.close()
