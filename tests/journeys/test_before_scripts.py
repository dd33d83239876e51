"""A page whose scripts are late or never come: nothing typed is sent in vain, and it says so."""

import asyncio

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, expect

from bench.callers import PASSWORD, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.at_work import Room
from tests.journeys.test_pages import look
from tests.support.browser import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

SCRIPTS = "**/static/**/*.js"
FORMS = [
    ("/sign-up", "E-mail address"),
    ("/register", "Street (optional)"),
    ("/log-in", "Password"),
    ("/log-in?with=organization", "Volunteer organization"),
    ("/forgot", "E-mail address"),
    ("/check-mail", "E-mail address"),
    ("/reset?token=made-up", "New password"),
]


async def without_scripts(context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.route(SCRIPTS, lambda route: route.abort())
    return page


@pytest.mark.parametrize(("path", "label"), FORMS, ids=[path for path, _ in FORMS])
async def test_a_form_without_its_script_sends_nothing(
    house: Elsewhere, volunteer: BrowserContext, path: str, label: str
) -> None:
    page = await without_scripts(volunteer)
    navigated: list[Request] = []
    await page.goto(f"{house.url}{path}")

    def note(request: Request) -> None:
        if request.is_navigation_request():
            navigated.append(request)

    page.on("request", note)
    waiting = page.locator("button[data-waits]:visible")
    await expect(waiting).to_be_disabled()
    field = page.get_by_label(label, exact=True)
    await field.fill("Typed with care")
    await field.press("Enter")
    await waiting.click(force=True)
    await expect(page.locator(".waiting:visible")).to_have_text(
        "One moment, this page is still loading. If it takes long, load it again."
    )
    await expect(field).to_have_value("Typed with care")
    assert navigated == []
    await look(page, f"without-scripts{path.partition('?')[0].replace('/', '-')}")
    await page.close()


async def test_a_script_that_is_late_finds_what_was_typed(
    house: Elsewhere, chromium: Browser
) -> None:
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    context = await chromium.new_context(viewport=PHONE)
    page = await context.new_page()
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await page.route("**/log-in.js", late)
    await page.goto(f"{house.url}/log-in", wait_until="commit")
    button = page.get_by_role("button", name="Log in")
    await expect(button).to_be_disabled()
    await page.get_by_label("E-mail address").fill(caller.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Password").press("Enter")
    arrived.set()
    await expect(button).to_be_enabled()
    await expect(page.locator(".waiting")).to_be_hidden()
    await expect(page.get_by_label("Password")).to_have_value(PASSWORD)
    await page.get_by_label("Password").press("Enter")
    await expect(page.locator(".site-caller")).to_be_visible()
    await context.close()


async def test_settings_that_are_changed_early_are_saved(room: Room, desk: BrowserContext) -> None:
    """What the server sent is what it is compared with, not what was typed meanwhile."""
    page = await room.open(desk, room.overview)
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await page.route("**/set-up-bank.js", late)
    settings = f"{room.demo.url}{room.overview}/set-up/{room.bank_id}"
    await page.goto(settings, wait_until="commit")
    note = page.locator("[name=caller_note]")
    before = await note.input_value()
    await note.fill("Typed before the script came.")
    arrived.set()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. Callers have it within seconds.")).to_be_visible()
    await page.unroute("**/set-up-bank.js")
    await page.goto(settings)
    await expect(note).to_have_value("Typed before the script came.")
    await note.fill(before)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. Callers have it within seconds.")).to_be_visible()
    await page.close()


async def test_a_form_that_was_posted_all_the_same_leads_back(
    house: Elsewhere, volunteer: BrowserContext
) -> None:
    page = await without_scripts(volunteer)
    await page.goto(f"{house.url}/sign-up")
    await page.evaluate("document.querySelector('form').submit()")
    await expect(page.get_by_role("heading", level=1)).to_have_text("The page was not ready yet")
    await expect(page.get_by_text("nothing was recorded")).to_be_visible()
    await look(page, "posted-too-early")
    await page.get_by_role("link", name="Go back").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Create an ActionID account")
    await page.close()
