"""Far too much for one page, in a browser: cut where it must be, and said so."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, ViewportSize, expect

from services.queue.routes.pages import PAGES
from services.queue.set_up import choices, new_bank
from tests.journeys.at_work import Room
from tests.journeys.test_dashboard_pages import WINDOWS
from tests.journeys.test_pages import look

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_overview_of_many_banks_shows_some_and_those_with_hands_up(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    now = datetime.now(UTC).isoformat()

    def bank(line: dict[str, Any], number: int) -> dict[str, Any]:
        hands = {"raised": 2 if number == 115 else 0, "since": now, "latest": now}
        left = {"now": 1, "later": 2, "exhausted": 3, "why": {}}
        about = {"bank_id": f"bank-{number}", "name": f"Evening {number}", "status": "open"}
        return line | about | {"hands": hands, "left": left}

    async def crowd(route: Route) -> None:
        answer = await route.fetch()
        said = await answer.json()
        lines = said["phone_banks"]
        # The house's own come first, however many its other tests have set up.
        for line in lines:
            line["hands"]["raised"] = 0
        lines += [bank(lines[0], number) for number in range(len(lines), 120)]
        await route.fulfill(response=answer, json=said)

    context = await chromium.new_context(viewport=window, locale="en-US")
    await context.route("**/dashboard/live", lambda route: route.abort())
    await context.route("**/gotv/campaigns/*/dashboard", crowd)
    page = await room.open(context, room.overview)
    rows = page.locator("[data-banks] tr:visible")
    # A few, and the one far down in which somebody waits for help.
    await expect(rows).to_have_count(26)
    await expect(page.get_by_text("26 of 120 phone banks are shown;")).to_be_visible()
    await expect(page.locator("tr[data-bank=bank-115]")).to_contain_text("2 hands up")
    await expect(page.locator("[data-left-bank=bank-49]")).to_have_count(0)
    await look(page, "overview-crowded")
    more = page.get_by_role("button", name="Show more")
    await more.press("Enter")
    await expect(rows).to_have_count(51)
    await expect(rows.nth(25).get_by_role("link").first).to_be_focused()
    await expect(page.locator("[data-left-bank=bank-49]")).to_have_count(1)
    for shown in (76, 101, 120):
        await more.press("Enter")
        await expect(rows).to_have_count(shown)
    await expect(more).to_be_hidden()
    await context.close()


async def test_many_banks_can_be_reached_while_their_figures_are_away(
    room: Room, chromium: Browser
) -> None:
    """A real line over and over, as the house sends it with the page, and no figures after it."""

    async def crowd(route: Route) -> None:
        answer = await route.fetch()
        html = await answer.text()
        line = re.search(r'<tr data-bank="(\w+)".*?</tr>', html, re.DOTALL)
        assert line is not None
        lines = [line[0].replace(line[1], f"bank-{number}") for number in range(40)]
        hidden = [each.replace("<tr ", "<tr hidden ", 1) for each in lines[25:]]
        whole = "".join([*lines[:25], *hidden])
        html = re.sub(r"(<tr data-bank=.*?</tr>\s*)+", whole, html, flags=re.DOTALL)
        html = html.replace("data-more-banks hidden>", "data-more-banks>")
        await route.fulfill(response=answer, body=html)

    context = await chromium.new_context(locale="en-US")
    await context.route("**/dashboard/live", lambda route: route.abort())
    await context.route("**/gotv/campaigns/*/dashboard", lambda route: route.abort())
    await context.route(f"{room.demo.url}{room.overview}", crowd)
    page = await room.open(context, room.overview)
    rows = page.locator("[data-banks] tr:visible")
    await expect(rows).to_have_count(25)
    await page.get_by_role("button", name="Show more").press("Enter")
    await expect(rows).to_have_count(40)
    await expect(rows.nth(25).get_by_role("link").first).to_be_focused()
    await context.close()


async def listing_calls(page: Page, room: Room) -> None:
    """Five hundred calls at a time, without end."""
    called_at = datetime.now(UTC).isoformat()
    call = {
        "call_id": "c", "voter_id": "v", "voter_name": "Ann Example", "caller_id": "casper",
        "bank_id": room.bank_id, "disposition": "not_home", "spoke_with": "nobody", "answers": 0,
        "called_at": called_at, "counts": True, "corrected": None,
    }  # fmt: skip

    async def calls(route: Route) -> None:
        said = {"items": [call] * 500, "next_cursor": "on", "as_of": called_at}
        await route.fulfill(json=said)

    await page.route("**/results/campaigns/*/calls?*", calls)


async def test_the_list_of_calls_ends_somewhere(room: Room, chromium: Browser) -> None:
    context = await chromium.new_context(locale="en-US")
    page = await room.open(context, room.overview)
    await listing_calls(page, room)
    await page.goto(f"{room.demo.url}{room.overview}/calls")
    rows = page.locator("[data-rows] tr")
    await expect(rows).to_have_count(500)
    end = page.get_by_text("The latest 1,000 are shown.")
    await expect(end).to_be_hidden()
    more = page.get_by_role("button", name="Show more")
    await more.click()
    await expect(rows).to_have_count(1_000)
    await expect(end).to_be_visible()
    await expect(more).to_be_hidden()
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_one_of_many_organizations_is_found_by_name(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    names = [*(f"Neighbors of town {number}" for number in range(1, 60)), "DVC Palo Alto"]
    admitted = [{"_id": f"o{number}", "name": name} for number, name in enumerate(names)]
    form = PAGES.render(
        "set_up_bank.html",
        bank=new_bank(""),
        source="",
        needs=[],
        shared_with=[],
        campaign={"id": room.campaign_id, "name": "Crowded"},
        **choices([{"_id": "u", "name": "Erie"}], admitted, ""),
    )
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await room.open(context, room.overview)

    async def crowded(route: Route) -> None:
        await route.fulfill(body=form, content_type="text/html; charset=utf-8")

    await page.route("**/set-up/new", crowded)
    await page.goto(f"{room.demo.url}{room.overview}/set-up/new")
    await page.get_by_label("Only those chosen here").check()
    boxes = page.locator("[data-organization]:visible")
    await expect(boxes).to_have_count(20)
    status = page.locator("[data-found]")
    await expect(status).to_have_text("20 of 60 organizations are shown.")
    await page.get_by_label("Neighbors of town 7", exact=True).check()
    find = page.get_by_label("Find an organization")
    await find.fill("palo")
    await find.press("Enter")
    # The one that is ticked stays in sight.
    await expect(boxes).to_have_count(2)
    await expect(status).to_have_text("2 of 60 organizations are shown.")
    await page.get_by_label("DVC Palo Alto").check()
    await find.fill("nobody")
    await expect(status).to_have_text(re.compile(r"^No organization is called like this\. 2 of 60"))
    await look(page, "organizations-found")
    await context.close()
