"""Pages the house makes whole: a voter, the first page, a Calls Page; empty, failing, refused."""

import re
import secrets

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, expect

from libs.chassis.pages.shell import Pages
from tests.journeys.answers import Answers
from tests.journeys.at_work import Room
from tests.journeys.small_bank import organizer_of
from tests.journeys.test_pages import WINDOWS, look
from tests.support.backing import eventually

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

REFRESH_MS = 60_000


async def a_minute_passes(page: Page) -> None:
    """Once what came in the last has settled: only then the next is waited for."""
    banks = page.locator("#phone-banks")
    await expect(banks).not_to_have_class(re.compile("htmx-"))
    await page.clock.fast_forward(REFRESH_MS)


async def eventually_shows(page: Page, address: str, title: str) -> None:
    """What was founded a moment ago has a page as soon as its fact has come round."""

    async def shown() -> bool:
        await page.goto(address)
        assert title in await page.get_by_role("heading", level=1).inner_text()
        return True

    await eventually(shown, deadline_seconds=30, saying=f"there is a page {title!r}")


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_voters_page(room: Room, chromium: Browser, window: ViewportSize) -> None:
    """With calls, before the first, and a voter there is not."""
    called = (await room.volunteer.call(disposition="canvassed", answers={"support": 1}))[0]
    waiting = (await room.volunteer.take())["voters"][0]
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await room.open(context, f"{room.overview}/lists/supporters")
    await page.get_by_role("link", name=called["name"], exact=True).first.press("Enter")
    title = page.get_by_role("heading", level=1)
    await expect(title).to_have_text(called["name"])
    await expect(page.get_by_role("rowheader")).not_to_have_count(0)
    history = page.get_by_role("region", name="Calls, the latest first")
    assert await history.evaluate("place => place.scrollWidth <= place.clientWidth"), "all in sight"
    await look(page, "voter")
    await page.goto(f"{room.demo.url}{room.overview}/voters/{waiting['voter_id']}")
    await expect(title).to_have_text(waiting["name"])
    await expect(page.get_by_text("No call yet")).to_be_visible()
    await look(page, "voter-empty")
    answer = await page.goto(f"{room.demo.url}{room.overview}/voters/nobody")
    assert answer is not None
    assert answer.status == 404
    await expect(title).to_have_text("There is no such page")
    await look(page, "voter-unknown")
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_first_page(bare: Room, chromium: Browser, window: ViewportSize) -> None:
    """An organizer finds the campaign on it, a volunteer does not."""
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await bare.open(context, "/")
    campaigns = page.get_by_role("heading", name="For organizers")
    await expect(campaigns).to_be_visible()
    await look(page, "home-organizer")
    await page.get_by_role("link", name=re.compile("^Bare ")).press("Enter")
    await expect(page.get_by_text("No phone bank yet")).to_be_visible()
    await context.clear_cookies()
    page = await bare.volunteer_opens(context, "/")
    await expect(page.get_by_role("heading", name="Where to start")).to_be_visible()
    await expect(campaigns).to_have_count(0)
    await look(page, "home-volunteer")
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_first_page_of_a_house_without_groups(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    """Its own template, for this house has groups."""
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await context.new_page()
    nobody = Pages("identity").render("home.html", organizations=[], campaigns=[])
    served = re.sub(r"/static/identity/\w+/", "/static/identity/any/", nobody)

    async def serve(route: Route) -> None:
        await route.fulfill(body=served, content_type="text/html")

    await page.route(f"{room.demo.url}/", serve)
    await page.goto(room.demo.url)
    await expect(page.get_by_text("No group has a Calls Page yet")).to_be_visible()
    await look(page, "home-empty")
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_calls_page_before_its_first_phone_bank(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    """The ways to sign up come late, and do not come: the page has a plain one until then."""
    founder = await organizer_of(room.demo)
    name = f"Newly founded {secrets.token_hex(3)}"
    body = {"name": name, "help_contact": "help@example.org"}
    slug = (await founder.send("POST", "/identity/organizations", json=body))["slug"]
    await founder.http.aclose()
    doors = Answers("hold")
    context = await chromium.new_context(viewport=window, locale="en-US")
    await doors.listen(context, r"/log-in/doors\?")
    page = await context.new_page()
    await eventually_shows(page, f"{room.demo.url}/calls/{slug}", name)
    await expect(page.get_by_text("No phone bank is open right now")).to_be_visible()
    plain = page.get_by_role("link", name="Sign up or log in")
    await expect(plain).to_be_visible()
    await look(page, "calls-page-empty")
    doors.release("fail")
    await page.reload()
    await expect(plain).to_be_visible()
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_calls_page_that_cannot_be_refreshed_says_how_old_it_is(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    banks = Answers()
    context = await chromium.new_context(viewport=window, locale="en-US")
    await banks.listen(context, r"/calls/dvc-palo-alto$")
    page = await context.new_page()
    await page.clock.install()
    choose = page.get_by_role("link", name=re.compile("^(Choose|Practise)")).first
    await page.goto(f"{room.demo.url}/calls/dvc-palo-alto")
    await expect(choose).to_be_visible()
    stale = page.get_by_text("The phone banks are shown as of")
    for mode in ("fail", "cut"):
        banks.mode = mode
        await a_minute_passes(page)
        await expect(stale).to_be_visible()
        await expect(choose).to_be_visible()
        banks.mode = "pass"
        await a_minute_passes(page)
        await expect(stale).to_be_hidden()
        await expect(choose).to_be_visible()
    banks.mode = "fail"
    await a_minute_passes(page)
    await expect(stale).to_be_visible()
    await look(page, "calls-page-stale")
    await context.close()
