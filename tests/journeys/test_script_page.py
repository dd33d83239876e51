"""The script, read before anybody is on the line, on a phone and on a desktop."""

import httpx
import pytest
from playwright.async_api import Browser, ViewportSize, expect

from bench.callers import PASSWORD, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.small_bank import Organizer, campaign_of, organizer_of
from tests.journeys.test_pages import WINDOWS, log_in, look
from tests.support.whole_house import practice_bank

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

OWN_WORDS = "She mended the bridge. That is why I call."


async def bank_without_a_script(house: Elsewhere, organizer: Organizer) -> str:
    """A phone bank whose campaign has not written anything yet; answers its id."""
    campaign_id = await campaign_of(house, organizer)
    universe = await organizer.send(
        "POST",
        "/voters/universes",
        json={
            "campaign_id": campaign_id,
            "name": "Lehigh",
            "selection": {"counties": ["Lehigh"], "has_phone": True},
        },
    )
    async with httpx.AsyncClient(base_url=house.url) as http:
        organization = (await http.get("/identity/organizations/dvc-palo-alto")).json()
    bank = await organizer.send(
        "POST",
        "/queue/phone-banks",
        json={
            "campaign_id": campaign_id,
            "name": "Not written yet",
            "candidate": "Ida Marlowe",
            "state": "PA",
            "purpose": "identification",
            "universe_id": universe["universe_id"],
            "practice": True,
            "organization_ids": [organization["organization_id"]],
        },
    )
    bank_id: str = bank["bank_id"]
    return bank_id


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_script_is_read_before_anybody_is_on_the_line(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    bank_id = await practice_bank(house)
    (caller,) = await sign_up(house.url, house.mail_url, 1)
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await context.new_page()
    await page.goto(f"{house.url}/call/{bank_id}/script")
    await log_in(page, caller.email, PASSWORD)
    await page.wait_for_url(f"{house.url}/call/{bank_id}/script")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Read the script first")
    script = page.get_by_role("region", name="Script")
    await expect(script).to_contain_text("Hello, may I speak with")
    await expect(script).to_contain_text("would you vote for Ida Marlowe?")
    await expect(script.get_by_text("Undecided")).to_be_visible()
    await expect(script).to_contain_text("Thank you for your time")
    await expect(script).to_contain_text("Paid for by Friends of Ida Marlowe.")
    # Nobody is on the line, and no place for a name is left open.
    await expect(script).not_to_contain_text("{")
    await expect(page.locator("[data-number]")).to_have_count(0)
    await look(page, "script")

    await page.get_by_label("How I say it").fill(OWN_WORDS)
    await expect(page.locator("[data-kept]")).to_contain_text("Only you see this")
    await page.reload()
    await expect(page.get_by_label("How I say it")).to_have_value(OWN_WORDS)
    await look(page, "script-own-words")
    await page.get_by_role("link", name="Start calling").click()
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await expect(page.get_by_label("How I say it")).to_have_value(OWN_WORDS)
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_script_that_is_not_there_yet_is_said_to_be_on_its_way(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    organizer = await organizer_of(house)
    bank_id = await bank_without_a_script(house, organizer)
    await organizer.http.aclose()
    (caller,) = await sign_up(house.url, house.mail_url, 1)
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await context.new_page()
    await page.goto(f"{house.url}/call/{bank_id}/script")
    await log_in(page, caller.email, PASSWORD)
    await expect(page.get_by_text("The campaign is still writing it.")).to_be_visible()
    await expect(page.locator(".question")).to_have_count(0)
    await look(page, "script-missing")
    await context.close()
