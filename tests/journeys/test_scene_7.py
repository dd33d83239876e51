"""Scene 7: whoever calls from far away sees the voters' clocks, and when calling opens again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bench.callers import sign_up
from tests.journeys.scenes import (
    HOUR_SECONDS,
    call_page,
    call_screen,
    result_of,
    save,
    until_tuesday_seconds,
)
from tests.journeys.small_bank import organizer_of
from tests.journeys.van_bank import HILO, LOUISVILLE, PADUCAH, Listed, open_bank
from tests.support.browser import PHONE, faults_found_by_axe, is_wider_than_its_window
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

KENTUCKY = [
    Listed("Ada", "Easterling", "502-555-0101", place=LOUISVILLE),
    Listed("Cal", "Westerby", "270-555-0102", place=PADUCAH),
    Listed("Col", "Westerby", "270-555-0103", place=PADUCAH),
]


async def test_scene_7_a_caller_in_berlin_for_kentucky(tmp_path: Path, chromium: Browser) -> None:
    folder = tmp_path / "house"
    # Half past nine in Louisville is half past eight in Paducah: nobody is called before nine.
    offset_seconds = until_tuesday_seconds(9, 30)
    berlin = await chromium.new_context(viewport=PHONE, locale="en-GB", timezone_id="Europe/Berlin")
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        organizer = await organizer_of(demo)
        bank_id = await open_bank(demo, organizer, KENTUCKY, "Kentucky")
        hawaii = [Listed("Kai", "Hilolani", "808-555-0104", place=HILO)]
        await open_bank(demo, organizer, hawaii, "Hawaii", candidate="Leilani Stone")
        await organizer.http.aclose()
        caller = (await sign_up(demo.url, demo.mail_url, 1))[0]

        page = await call_screen(berlin, demo, bank_id, caller.email)
        line = page.locator("[data-line]")
        await expect(line).to_contain_text("Ada Easterling")
        await expect(line.locator(".local-time")).to_contain_text("9:3")
        await result_of(page, "Ada").get_by_label("Not home").check()
        await save(page)
        # Nobody in Paducah at half past eight: the page says from when on, by both clocks.
        stop = page.locator("[data-screen=stop]")
        await expect(stop.get_by_role("heading", level=1)).to_contain_text("too early or too late")
        await expect(stop.locator(".openings")).to_contain_text("Chicago")
        await expect(stop.locator(".openings").get_by_text("09:00")).to_be_visible()
        await expect(stop.locator(".openings").get_by_text("16:00")).to_be_visible()
        await page.close()

    # Half past ten at night in Louisville, half past nine in Paducah, half past five in Hilo.
    offset_seconds += 13 * HOUR_SECONDS
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        page = await call_page(berlin, demo, bank_id, caller.email)
        stop = page.locator("[data-screen=stop]")
        await expect(stop.get_by_role("heading", level=1)).to_contain_text("too early or too late")
        opening = stop.locator(".openings")
        await expect(opening).to_contain_text("Calling opens again")
        await expect(opening).to_contain_text("Your time")
        await expect(opening.get_by_text("16:00")).to_be_visible()
        await expect(opening).to_contain_text("Chicago")
        await expect(stop.get_by_role("button", name="Share")).to_be_visible()
        assert await faults_found_by_axe(page) == []
        assert not await is_wider_than_its_window(page)
        # Where it is still day somebody can be called.
        await stop.get_by_role("link", name="Leilani Stone").click()
        await expect(page.locator("[data-line]")).to_contain_text("Kai Hilolani")
    await berlin.close()
