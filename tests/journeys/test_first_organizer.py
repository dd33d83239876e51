"""An empty house gets its first organizer, by pages alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from deploy.embedded.accounts import Accounts
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.test_pages import log_in, look
from tests.support.browser import DESKTOP, PHONE
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "four plain words here"  # noqa: S105 - of the tests.
NOBODY = ("organizer_email", "organizer_password", "caller_email", "caller_password")
OLGA = "olga@example.org"


@pytest_asyncio.fixture(loop_scope="session")
async def empty_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elsewhere]:
    """A house that nobody has set up: its folder says that the demo's people are there already."""
    folder = tmp_path_factory.mktemp("empty")
    Accounts(**dict.fromkeys(NOBODY, "-")).keep(folder, "embedded")
    async with whole_house(folder) as demo:
        yield demo


async def look_at_both_widths(page: Page, name: str) -> None:
    for window in (PHONE, DESKTOP):
        await page.set_viewport_size(window)
        await look(page, name)


async def test_a_first_organizer_needs_nothing_but_pages(
    empty_house: Elsewhere, chromium: Browser
) -> None:
    page = await (await chromium.new_context(viewport=PHONE)).new_page()
    await set_the_house_up(empty_house, page)
    await page.context.close()


async def set_the_house_up(house: Elsewhere, page: Page) -> None:
    """From the log-in page, which says what is missing, to the campaign of the first organizer."""
    await page.goto(f"{house.url}/")
    await expect(page.get_by_text("This Phonebank is not set up yet")).to_be_visible()
    await look_at_both_widths(page, "home-not-set-up")
    await page.goto(f"{house.url}/log-in")
    await look_at_both_widths(page, "log-in-not-set-up")
    await page.get_by_role("link", name="set it up").click()
    await page.wait_for_url(f"{house.url}/set-up")
    await look_at_both_widths(page, "first-set-up")
    await page.get_by_role("textbox", name="Set-up token").fill("not the token")
    await page.get_by_label("First name").fill("Olga")
    await page.get_by_label("E-mail address").fill(OLGA)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Name of the organization").fill("DVC - Palo Alto")
    await page.get_by_label("Help contact").fill("help@dvc.example")
    await page.get_by_label("Welcome").fill("We call from our kitchens.")
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.locator('[id="campaign.name-error"]')).to_be_visible()
    await page.get_by_label("Name of the campaign").fill("Rivera for Senate")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Set-up token")).to_be_focused()
    await expect(page.locator("#setup_token-error")).to_contain_text("not the set-up token")
    await look_at_both_widths(page, "first-set-up-wrong-token")
    await page.get_by_role("textbox", name="Set-up token").fill(house.secrets["SETUP_TOKEN"])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="This Phonebank is set up")).to_be_focused()
    await look_at_both_widths(page, "first-set-up-done")
    assert page.url == f"{house.url}/set-up"
    await page.get_by_role("link", name="Log in").last.click()
    await expect(page.get_by_label("E-mail address")).to_have_value(OLGA)
    await expect(page.get_by_text("not set up yet")).to_have_count(0)
    await log_in(page, OLGA, PASSWORD)
    await expect(page.get_by_role("heading", name="Rivera for Senate")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{house.url}/set-up")
    await expect(other.get_by_role("heading", name="set up already")).to_be_visible()
    await look_at_both_widths(other, "first-set-up-used")
    await other.close()
