"""From the campaign's board to the caller who waits for help, live and by keyboard."""

import re

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.journeys.at_work import Room
from tests.journeys.test_dashboard_pages import FRESH_MS_MAX, WINDOWS
from tests.journeys.test_pages import look

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_campaigns_board_leads_to_the_bank_with_hands_up(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    overview = await room.open(context, room.overview)
    await expect(overview.locator("[data-connection]")).to_have_text("Live")
    mark = overview.locator(f"tr[data-bank='{room.bank_id}'] [data-bank-hands]")
    await expect(mark).to_be_hidden()
    hands = f"/queue/phone-banks/{room.bank_id}/hands"
    await room.volunteer.post(hands, {})
    await expect(mark).to_have_text("1 hand up", timeout=FRESH_MS_MAX)
    await expect(overview.locator("[data-bank-hands]:visible")).to_have_count(1)
    await look(overview, "overview-hands")
    await mark.press("Enter")
    await overview.wait_for_url(re.compile(rf"/phone-banks/{room.bank_id}#hands-heading$"))
    await expect(overview.get_by_role("button", name="I am on it")).to_be_visible()
    await overview.go_back()
    answer = await room.volunteer.http.delete(
        f"{hands}/current", headers={"idempotency-key": f"down {window['width']}"}
    )
    assert answer.is_success, answer.text
    await expect(mark).to_be_hidden()
    await context.close()
