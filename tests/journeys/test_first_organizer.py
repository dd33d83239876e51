"""An empty house becomes a campaign with two organizations and two organizers, by pages alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from deploy.embedded.accounts import Accounts
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.test_pages import log_in, look
from tests.support.backing import eventually
from tests.support.browser import DESKTOP, PHONE, mailed_link
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "four plain words here"  # noqa: S105 - of the tests.
NOBODY = ("organizer_email", "organizer_password", "caller_email", "caller_password")
OLGA = "olga@example.org"
ANN = "ann@example.org"


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
    await bring_organizations_together(page)
    await give_and_take_roles(empty_house, page, chromium)
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
    await expect(page.get_by_role("heading", name="Team")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{house.url}/set-up")
    await expect(other.get_by_role("heading", name="set up already")).to_be_visible()
    await look_at_both_widths(other, "first-set-up-used")
    await other.close()


async def bring_organizations_together(page: Page) -> None:
    """A second organization is founded and admitted; another campaign admits the first by name."""
    await expect(page.get_by_text("DVC - Palo Alto", exact=True)).to_be_visible()
    await look_at_both_widths(page, "team")
    await page.get_by_text("Found a new organization").click()
    await page.get_by_label("Name of the new organization").fill("DVC - Palo Alto")
    await page.get_by_label("Help contact").fill("Nora, at the desk")
    await page.get_by_role("button", name="Found and admit it").click()
    await expect(page.get_by_text("This name has been taken")).to_be_visible()
    await look_at_both_widths(page, "team-name-taken")
    await page.get_by_label("Name of the new organization").fill("Friends Abroad")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The organization is founded and admitted")).to_be_visible()
    await expect(page.get_by_text("Friends Abroad", exact=True)).to_be_visible()
    await look_at_both_widths(page, "team-of-two")
    place = page.url
    await page.get_by_text("Begin another campaign").click()
    await page.get_by_label("Name of the new campaign").fill("Chen for Mayor")
    for door in await page.locator("[data-doors] input").all():
        await door.uncheck()
    await page.get_by_role("button", name="Begin it").click()
    await expect(page.get_by_text("Leave at least one way open.")).to_be_visible()
    await look_at_both_widths(page, "team-campaign-without-doors")
    await page.get_by_label("ActionID").check()
    await page.get_by_role("button", name="Begin it").click()
    await expect(page.get_by_text("The campaign has begun")).to_be_visible()
    await expect(page.get_by_text("No organization calls for this campaign yet")).to_be_visible()
    await look_at_both_widths(page, "team-of-none")
    await page.get_by_label("Name of an organization that is here already").fill("friends abrod")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Friends Abroad").click()
    await expect(page.get_by_text("The organization is admitted")).to_be_visible()
    await expect(page.get_by_text("Friends Abroad", exact=True)).to_be_visible()
    await page.goto(place)


async def give_and_take_roles(house: Elsewhere, page: Page, browser: Browser) -> None:
    """Somebody who signed up becomes a lead, sees the campaign, and loses it again at once."""
    theirs = await (await browser.new_context(viewport=PHONE)).new_page()
    await sign_up(house, theirs)
    people = page.locator("[data-roles]")
    await expect(people.get_by_text("(you)")).to_be_visible()
    await expect(people.get_by_role("button", name="Take away")).to_have_count(0)
    await page.get_by_label("Their e-mail address").fill("nobody@example.org")
    await page.get_by_role("button", name="Give this role").click()
    await expect(people.get_by_text("There is no caller like this")).to_be_visible()
    await look_at_both_widths(page, "team-nobody")
    await page.get_by_label("Their e-mail address").fill(ANN)
    await page.get_by_label("Role", exact=True).select_option("lead")
    await page.get_by_role("button", name="Give this role").click()
    await expect(page.get_by_text("The role is given.")).to_be_visible()
    await expect(people.get_by_text(ANN)).to_be_visible()
    await look_at_both_widths(page, "team-of-two-people")
    await theirs.goto(f"{house.url}/")
    await theirs.get_by_role("link", name="Rivera for Senate").click()
    await expect(theirs.get_by_role("heading", name="Rivera for Senate")).to_be_visible()
    await theirs.get_by_role("link", name="Team").click()
    await expect(theirs.get_by_role("heading", name="This page is not for you")).to_be_visible()
    await look_at_both_widths(theirs, "team-no-permission")
    await people.get_by_role("button", name="Take away Phone-bank lead").click()
    await expect(page.get_by_text("The role is taken from")).to_be_visible()
    await expect(people.get_by_text(ANN)).to_have_count(0)
    await theirs.goto(page.url)
    await expect(theirs.get_by_role("button", name="Log in")).to_be_visible()
    await theirs.context.close()
    await coordinators(page)


async def sign_up(house: Elsewhere, page: Page) -> None:
    """Somebody creates an account, follows the mailed link and logs in."""
    await page.goto(f"{house.url}/sign-up")
    await page.get_by_label("First name").fill("Ann")
    await page.get_by_label("Last name").fill("Example")
    await page.get_by_label("E-mail address").fill(ANN)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.wait_for_url(f"{house.url}/check-mail")
    await page.goto(await mailed_link(house, ANN))
    await expect(page.get_by_role("heading", name="Thanks for verifying")).to_be_visible()
    # The mailed link names the house otherwise than the tests do, so its session is not theirs.
    await page.goto(f"{house.url}/log-in")
    await log_in(page, ANN, PASSWORD)
    await expect(page.get_by_role("link", name="Ann")).to_be_visible()


async def coordinators(page: Page) -> None:
    """The second organization's own page is reached from the first page, and gets a coordinator."""
    await page.get_by_role("link", name="Phonebank").click()
    await look_at_both_widths(page, "home-of-an-organizer")
    await page.get_by_role("link", name="Friends Abroad Words and coordinators").click()
    await expect(page.get_by_label("Help contact")).to_have_value("Nora, at the desk")
    await page.get_by_label("Their e-mail address").fill(ANN)
    await page.get_by_role("button", name="Give this role").click()
    await expect(page.get_by_text("The role is given.")).to_be_visible()
    await expect(page.get_by_text(ANN)).to_be_visible()
    await page.get_by_label("Help contact").fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#help_contact-error")).to_be_visible()
    await look_at_both_widths(page, "organization-without-help")
    await page.get_by_label("Help contact").fill("Casimir, in the evening")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved. The Calls Page shows it")).to_be_visible()
    await look_at_both_widths(page, "organization")
    await page.get_by_role("link", name="Its Calls Page").click()

    async def is_told() -> bool:
        await page.reload()
        return "Casimir, in the evening" in await page.content()

    await eventually(is_told, saying="the Calls Page has the new help contact")
