"""What scenes have in common: whose browser it is, which evening, what a caller does on a page."""

import asyncio
import csv
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import BrowserContext, Locator, Page, expect

from bench.callers import PASSWORD
from deploy.embedded.elsewhere import Elsewhere

NEW_YORK = ZoneInfo("America/New_York")
HOUR_SECONDS = 3600
# While everybody seems to be called by others, the page looks again every twenty seconds.
LOOKS_AGAIN_MS_MAX = 45_000
# From a Tuesday afternoon to a Wednesday evening: another day, and another part of it.
A_DAY_LATER_SECONDS = 27 * HOUR_SECONDS


def until_tuesday_seconds(hour: int, minute: int = 0) -> int:
    """How far the clock is put forward: to the next Tuesday at this time in New York."""
    now = datetime.now(NEW_YORK)
    tuesday = (now + timedelta(days=(1 - now.weekday()) % 7)).replace(
        hour=hour, minute=minute, second=0
    )
    if tuesday < now:
        tuesday += timedelta(days=7)
    return int((tuesday - now).total_seconds())


async def log_in(page: Page, email: str, password: str) -> None:
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()


async def organizer_page(context: BrowserContext, demo: Elsewhere, path: str) -> Page:
    """An organizer's page, through the log-in."""
    return await page_of(context, demo, path, *demo.accounts["Organizer"])


async def page_of(
    context: BrowserContext, demo: Elsewhere, path: str, email: str, password: str
) -> Page:
    """A page of this person's, through the log-in."""
    page = await context.new_page()
    await page.goto(f"{demo.url}/log-in?next={path}")
    await log_in(page, email, password)
    await page.wait_for_url(f"{demo.url}{path}")
    return page


async def call_page(context: BrowserContext, demo: Elsewhere, bank_id: str, email: str) -> Page:
    """The page of a phone bank, through the log-in where it is asked for, whatever it shows."""
    page = await context.new_page()
    await page.goto(f"{demo.url}/call/{bank_id}")
    if "/log-in" in page.url:
        await log_in(page, email, PASSWORD)
    await expect(page.locator("[data-screen=call], [data-screen=stop]").first).to_be_attached()
    return page


async def call_screen(context: BrowserContext, demo: Elsewhere, bank_id: str, email: str) -> Page:
    """The call screen with a voter on it."""
    page = await call_page(context, demo, bank_id, email)
    await expect(page.locator("[data-screen=call]")).to_be_visible(timeout=LOOKS_AGAIN_MS_MAX)
    return page


def result_of(page: Page, name: str) -> Locator:
    """The results of one voter on the call screen."""
    return page.locator("[data-screen=call] fieldset.result").filter(
        has=page.locator("legend", has_text=re.compile(f"^{name}"))
    )


async def downloaded(page: Page, link: str) -> list[list[str]]:
    """The rows of the CSV file to which the link of this name leads, as a spreadsheet has them."""
    async with page.expect_download() as download:
        await page.get_by_role("link", name=link).click()
    file = await download.value
    assert file.suggested_filename.endswith(".csv")
    path = await file.path()
    text = await asyncio.to_thread(path.read_text, encoding="utf-8-sig")
    return list(csv.reader(text.splitlines()))


async def assignment_on(page: Page) -> str:
    """Which voters and number are on the screen: changes with every assignment."""
    return await page.locator("[data-line]").inner_text()


async def save(page: Page) -> None:
    """Save, and wait for what comes next: another voter, or the reason why there is none."""
    before = await page.locator("[data-voter]").first.get_attribute("data-voter")
    number = await page.locator("[data-number]").first.get_attribute("data-number")
    await page.get_by_role("button", name="Save and next").click()
    await expect(
        page.locator(
            f'[data-screen=call]:not(:has([data-voter="{before}"])) [data-line], '
            f'[data-screen=call]:not(:has([data-number="{number}"])) [data-line], '
            "[data-screen=stop]"
        )
        .filter(visible=True)
        .first
    ).to_be_visible()
